"""The register of living processes: the versions that each knows, its clock, and how far it has read."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import NamedTuple, Protocol
from uuid import UUID

import structlog

from aeropartners.seedwork.aplicacion.puertos import INDEFINIDA
from aeropartners.seedwork.aplicacion.retraso import Situacion
from aeropartners.seedwork.aplicacion.serializacion import Conocida

log = structlog.get_logger(__name__)

CADA_S = 2.0
FALTAS_S = 10.0
# A process whose row is older than VIVO is dead. A row older than AL_HABLA has missed three rounds: how far
# that process has read is unknown.
VIVO = timedelta(seconds=15)
AL_HABLA = timedelta(seconds=6)
RELOJ_MAXIMO_S = 5.0
# A shorter wait of the oldest message is normal and delays no deadline. A longer one may have grown by one
# round (CADA_S) since it was written.
ESPERA_MATERIAL_S = 0.5


@dataclass(frozen=True, slots=True)
class Vivo:
    """A living process. `conoce` are the versions that it can read, by consumer, as `NAME vN`.

    `situacion` and `demora` are those of the loop that reads replies, on which deadlines depend. They are
    None in a process without such a loop. `desfase_s`: its clock minus the database's.
    """

    id: UUID
    servicio: str
    version: str
    conoce: Mapping[str, Sequence[str]]
    desfase_s: float = 0.0
    situacion: str | None = None
    demora: timedelta | None = None
    visto: datetime | None = None


@dataclass(frozen=True, slots=True)
class VersionPendiente:
    """How many stored rows or messages wait for a process that can read version `version` of `que`."""

    consumidor: str
    que: str
    version: int
    cuantos: int

    @property
    def nombre(self) -> str:
        """The version as `Vivo.conoce` writes it."""
        return en_palabras(self.que, self.version)


class Visto(NamedTuple):
    """What a process learns when it writes its row: the living processes, and the clock's difference.

    `desfase_s` is the process's clock minus the database's, in seconds; the measure may be off by `duda_s`.
    """

    vivos: Sequence[Vivo]
    desfase_s: float
    duda_s: float


class Padron(Protocol):
    """The table of living processes. Every method may raise Conflicto or ConexionPerdida."""

    def anotar(self, yo: Vivo) -> Visto:
        """Write this process's row, delete rows of processes that died long ago, and return what was read."""

    def borrar(self, id: UUID) -> None:
        """Delete the row of a process that stops."""

    def faltas(self) -> Sequence[VersionPendiente]:
        """Return the versions that messages wait for, each with its number of messages (up to a bound)."""


@dataclass(slots=True)
class Desfase:
    """By how many seconds this process's clock is ahead of the database's. The source of ids checks it.

    `desde`: since when the difference is too large to make ids; None while it is not.
    """

    segundos: float = 0.0
    desde: datetime | None = None

    def medir(self, segundos: float, duda: float) -> None:
        """Take in a measured difference and its uncertainty `duda`, both in seconds.

        A slow answer of the database makes `duda` large. Only the certain part of the difference counts.
        """
        self.segundos = segundos
        desviado = abs(segundos) - duda > RELOJ_MAXIMO_S
        if desviado and not self.desde:
            self.desde = datetime.now(UTC)
            log.error("reloj_desviado", segundos=round(segundos, 3), consecuencia="no se hacen ids")
        elif self.desde and not desviado:
            self.desde = None
            log.warning("reloj_en_hora", segundos=round(segundos, 3))

    @property
    def texto(self) -> str:
        """The difference in words, for operators."""
        sentido = "adelantado" if self.segundos > 0 else "atrasado"
        va = f"va {abs(self.segundos):.1f} s {sentido} respecto al de la base de datos"
        return f"{va}: no se hacen ids, ni se trabaja, hasta que vaya bien"


@dataclass
class Censo:
    """This process's own row, and what it knows of the others. One thread runs `una_ronda`.

    Other threads read `vivos` and `faltas`, which may be some seconds old. `conoce` and `leer` are set once,
    before the first round. `leer` tells how far the loop that reads replies has read.
    """

    padron: Padron
    desfase: Desfase
    id: UUID
    version: str
    tic: Callable[[], float] = monotonic
    servicio: str = ""
    conoce: dict[str, Sequence[str]] = field(default_factory=dict)
    leer: Callable[[], tuple[Situacion, float]] | None = None
    fuentes: list[Callable[[], Sequence[VersionPendiente]]] = field(default_factory=list)
    vivos: Sequence[Vivo] = ()
    faltas: Sequence[VersionPendiente] = ()
    _escrito_s: float = float("-inf")
    _mirado_s: float = float("-inf")
    _situacion: Situacion | None = None
    _lamentadas: set[tuple[str, str]] = field(default_factory=set)

    def una_ronda(self) -> int:
        """Write the row every CADA_S seconds, and at once when `situacion` changes. Return 0."""
        situacion, espera_s = self.leer() if self.leer else (None, 0.0)
        ahora_s = self.tic()
        if situacion == self._situacion and ahora_s - self._escrito_s < CADA_S:
            return 0
        visto = self.padron.anotar(self._yo(situacion, espera_s))
        self.desfase.medir(visto.desfase_s, visto.duda_s)
        self.vivos = visto.vivos
        self._situacion, self._escrito_s = situacion, ahora_s
        if ahora_s - self._mirado_s >= FALTAS_S:
            self.faltas = [f for fuente in (self.padron.faltas, *self.fuentes) for f in fuente()]
            self._mirado_s = ahora_s
            self._lamentar()
        return 0

    def terminar(self) -> None:
        """Delete this process's row."""
        self.padron.borrar(self.id)

    def todos_conocen(self, consumidor: str, que: str, version: int) -> bool:
        """Whether every living process with this consumer can read version `version` of `que`."""
        nombre = en_palabras(que, version)
        return all(nombre in v.conoce[consumidor] for v in self.vivos if consumidor in v.conoce)

    def huerfanas(self) -> list[VersionPendiente]:
        """Return the versions that messages wait for and that no living process can read."""
        return [f for f in self.faltas if not self._alguien_conoce(f)]

    def atrasados(self) -> list[Vivo]:
        """Return the processes whose unread messages hold back deadlines."""
        return [v for v in self.vivos if v.demora]

    def _alguien_conoce(self, falta: VersionPendiente) -> bool:
        return any(falta.nombre in v.conoce.get(falta.consumidor, ()) for v in self.vivos)

    def _yo(self, situacion: Situacion | None, espera_s: float) -> Vivo:
        return Vivo(
            self.id,
            self.servicio,
            self.version,
            self.conoce,
            self.desfase.segundos,
            situacion,
            None if situacion is None else _demora(situacion, espera_s),
        )

    def _lamentar(self) -> None:
        """Log each version that no living process knows, once."""
        huerfanas = {(f.consumidor, f.nombre): f for f in self.huerfanas()}
        for clave in huerfanas.keys() - self._lamentadas:
            cuantos = huerfanas[clave].cuantos
            log.error("version_sin_quien_la_conozca", consumidor=clave[0], que=clave[1], cuantos=cuantos)
        self._lamentadas = set(huerfanas)


def en_palabras(que: str, version: int) -> str:
    """Return a version as rows and people write it: `NAME vN`."""
    return f"{que} v{version}"


def conocimiento(conocidas: Collection[Conocida]) -> list[str]:
    """Return versions as a process row stores them."""
    return [en_palabras(*c) for c in sorted(conocidas)]


def _demora(situacion: Situacion, espera_s: float) -> timedelta:
    """Return how far a deadline must lie in the past before its reply cannot be unread any more."""
    if situacion is not Situacion.AL_DIA:
        return INDEFINIDA
    return timedelta(seconds=espera_s + CADA_S) if espera_s >= ESPERA_MATERIAL_S else timedelta(0)

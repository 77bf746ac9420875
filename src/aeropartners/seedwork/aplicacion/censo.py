"""Who lives, what each knows, and how far each has read: one row a process, written while it lives."""

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
# Seen longer ago it does not live; when it missed three of its rounds nobody knows how far it has read.
VIVO = timedelta(seconds=15)
AL_HABLA = timedelta(seconds=6)
RELOJ_MAXIMO_S = 5.0
# What is younger is the work of every day; what is older may have grown by a round since it was told.
ESPERA_MATERIAL_S = 0.5


@dataclass(frozen=True, slots=True)
class Vivo:
    """A living process. `conoce` is what it can read, by consumer: `NAME vN`.

    `situacion` and `demora` are those of the loop that deadlines wait for; None when it has no such loop.
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
class Falta:
    """So many things wait for somebody who can read this version of something."""

    consumidor: str
    que: str
    version: int
    cuantos: int

    @property
    def nombre(self) -> str:
        """As the knowledge of a process names it."""
        return en_palabras(self.que, self.version)


class Visto(NamedTuple):
    """What a process learns when it writes its row: who lives, and the time.

    Its clock is ahead of the database's by `desfase_s`, with a doubt of `duda_s`.
    """

    vivos: Sequence[Vivo]
    desfase_s: float
    duda_s: float


class Padron(Protocol):
    """The rows of the living processes; every method may raise Conflicto or ConexionPerdida."""

    def anotar(self, yo: Vivo) -> Visto:
        """Write a process's row, sweep those of the long dead, and return what was seen."""

    def borrar(self, id: UUID) -> None:
        """Take a row away: its process stopped."""

    def faltas(self) -> Sequence[Falta]:
        """Return what waits for a version, each with how many (up to a bound)."""


@dataclass(slots=True)
class Desfase:
    """By how much this process's clock is ahead of the database's; whoever makes ids asks it first."""

    segundos: float = 0.0
    desde: datetime | None = None

    def medir(self, segundos: float, duda: float) -> None:
        """Take in a measure; one that a slow answer blurs says only what it says for sure."""
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
        """Say it."""
        sentido = "adelantado" if self.segundos > 0 else "atrasado"
        va = f"va {abs(self.segundos):.1f} s {sentido} respecto al de la base de datos"
        return f"{va}: no se hacen ids, ni se trabaja, hasta que vaya bien"


@dataclass
class Censo:
    """A process's own row, and what it knows of the others; one thread by `una_ronda`.

    Others read `vivos` and `faltas`, which are as old as a round or two. `conoce` and `leer` are set once,
    before the first round.
    """

    padron: Padron
    desfase: Desfase
    id: UUID
    version: str
    tic: Callable[[], float] = monotonic
    servicio: str = ""
    conoce: dict[str, Sequence[str]] = field(default_factory=dict)
    leer: Callable[[], tuple[Situacion, float]] | None = None
    fuentes: list[Callable[[], Sequence[Falta]]] = field(default_factory=list)
    vivos: Sequence[Vivo] = ()
    faltas: Sequence[Falta] = ()
    _escrito_s: float = float("-inf")
    _mirado_s: float = float("-inf")
    _situacion: Situacion | None = None
    _lamentadas: set[tuple[str, str]] = field(default_factory=set)

    def una_ronda(self) -> int:
        """Write the row when it is time, or when there is news of the reading; a round of its loop."""
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
        """Take the row away."""
        self.padron.borrar(self.id)

    def todos_conocen(self, consumidor: str, que: str, version: int) -> bool:
        """Whether every living process with this consumer can read it."""
        nombre = en_palabras(que, version)
        return all(nombre in v.conoce[consumidor] for v in self.vivos if consumidor in v.conoce)

    def huerfanas(self) -> list[Falta]:
        """Return what waits and nobody living can read."""
        return [f for f in self.faltas if not self._alguien_conoce(f)]

    def atrasados(self) -> list[Vivo]:
        """Return the processes for whose reading deadlines wait."""
        return [v for v in self.vivos if v.demora]

    def _alguien_conoce(self, falta: Falta) -> bool:
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
        """Say once of each version that nobody living knows it."""
        huerfanas = {(f.consumidor, f.nombre): f for f in self.huerfanas()}
        for clave in huerfanas.keys() - self._lamentadas:
            cuantos = huerfanas[clave].cuantos
            log.error("version_sin_quien_la_conozca", consumidor=clave[0], que=clave[1], cuantos=cuantos)
        self._lamentadas = set(huerfanas)


def en_palabras(que: str, version: int) -> str:
    """Return a version as rows and people name it."""
    return f"{que} v{version}"


def conocimiento(conocidas: Collection[Conocida]) -> list[str]:
    """Return versions as a row keeps them."""
    return [en_palabras(*c) for c in sorted(conocidas)]


def _demora(situacion: Situacion, espera_s: float) -> timedelta:
    """How long a deadline must be past before no reply to it can lie unread."""
    if situacion is not Situacion.AL_DIA:
        return INDEFINIDA
    return timedelta(seconds=espera_s + CADA_S) if espera_s >= ESPERA_MATERIAL_S else timedelta(0)

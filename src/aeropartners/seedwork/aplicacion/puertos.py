"""Ports of the machine, each with its promises written out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from aeropartners.seedwork.aplicacion.auditoria import Anotacion
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Sobre
from aeropartners.seedwork.aplicacion.serializacion import Conocida
from aeropartners.seedwork.aplicacion.textos_de_error import texto_apto
from aeropartners.seedwork.dominio.agregado import Agregado

TEMA_MAXIMO = 200
# A delay that nobody can tell; no deadline is that old.
INDEFINIDA = timedelta(days=3_650)


class BrokerNoDisponible(Exception):
    """Nobody answers: what was sent stays in the outbox, and the relay sends it again."""


class Conflicto(Exception):
    """Another transaction won (version, uniqueness, deadlock): reload and try again."""


class Bloqueado(Conflicto):
    """Another transaction held a lock for longer than anybody waits for one."""


class ConflictoPersistente(Exception):
    """The same batch lost too often in a row: an outage of ours, and no attempt of any message."""


class ConexionPerdida(Exception):
    """The database is gone, or takes no writes; the loop ends and its supervisor starts it again."""


class RelojDesviado(ConexionPerdida):
    """This process's clock is too far from the database's: no id is made until it is right again.

    Like a lost connection it is nobody's failure, and ends the loop that met it.
    """


class Reloj(Protocol):
    """The clock of a process; deadlines use the database's instead (`UnidadDeTrabajo.ahora`)."""

    def ahora(self) -> datetime:
        """Return the present instant in UTC."""


class Identificadores(Protocol):
    """Where ids come from; calls from several threads are safe."""

    def nuevo(self) -> UUID:
        """Return a fresh UUIDv7: unique everywhere, rising in time; raises RelojDesviado."""


@dataclass(frozen=True, slots=True)
class Sordera:
    """Why a subscription is not served, and since when; `sin_broker`: nobody answers, so all are deaf."""

    desde: datetime
    causa: str
    sin_broker: bool


class Suscripcion(Protocol):
    """One consumer of a subscription; used by one thread, but for `sordera`, which anyone may read.

    At least once: what was not confirmed comes again when this consumer dies or closes. Messages of
    one key come in the order in which one living process sent them, and to one consumer at a time.
    One that is not served (the broker is away, refuses it, or has lost the topic) hands over nothing,
    says so by `sordera` at once, and is served again by itself when the cause is gone.
    """

    @property
    def sordera(self) -> Sordera | None:
        """Why it is not served; None while it is."""

    @property
    def conexion(self) -> int:
        """The number of the connection that messages come by; 0 while there is none."""

    def recibir(self, maximo: int, espera: float) -> list[Recibido]:
        """Return up to about `maximo` messages, waiting at most `espera` seconds for the first."""

    def confirmar(self, lote: Sequence[Recibido]) -> None:
        """Say that these are dealt with; a crash right after may still deliver them again."""

    def cerrar(self) -> None:
        """Leave the subscription; what was confirmed stays so, what was not goes to another."""


@dataclass(frozen=True, slots=True)
class Rechazo:
    """Messages of one topic that were not taken, and why.

    `definitivo`: no later try of these will be (too large, cannot be encoded, the topic is closed for
    good); the rest of their topic is stored, or in another Rechazo. Otherwise the topic takes nothing for
    now (not found, not permitted, over its quota, no answer): `envios` is all that it was sent, in order,
    and all of it must be sent again before anything younger, although some may be stored already.
    """

    tema: str
    causa: str
    envios: Sequence[Envio]
    definitivo: bool = False


class Broker(Protocol):
    """Sends bursts and opens subscriptions.

    `enviar` and `asegurar` belong to one thread at a time (the publisher's or the relay's own
    broker object); subscriptions may be opened from any thread. Topics and subscriptions exist
    before they are used (`preparar`); a burst is stored in the order of its messages, per key.
    Each topic fails alone: what one does not take, or is slow to take, keeps nothing of another.
    """

    def enviar(self, envios: Iterable[Envio]) -> None:
        """Start sending; nothing is promised until `asegurar` returns."""

    def asegurar(self) -> Sequence[Rechazo]:
        """Return what was not taken of all that was sent since the last call; the rest is stored.

        Raises BrokerNoDisponible when nobody answers: then nothing is known to be stored, whatever part
        of it arrived.
        """

    def suscribir(self, temas: Sequence[str], nombre: str) -> Suscripcion:
        """Open a consumer of the subscription `nombre` on all of `temas`.

        A broker that is away is waited for by the subscription, or raises BrokerNoDisponible.
        """

    def cerrar(self) -> None:
        """Close everything that this object opened; what was stored stays stored."""


@dataclass(frozen=True, slots=True, order=True)
class Unico:
    """A value that one stream at most may own within its scope."""

    ambito: str
    valor: str


@dataclass(frozen=True, slots=True)
class Registrado:
    """An event of this transaction: where it stands in its stream and which message caused it."""

    flujo: UUID
    tipo_flujo: str
    version: int
    evento: object
    sobre: Sobre
    fecha: datetime
    id: UUID


@dataclass(frozen=True, slots=True, order=True)
class ClaveIdempotencia:
    """An `Idempotency-Key` as one route of one service knows it from one caller.

    `cliente` is "" where nobody says who calls. `venida` is the route under the prefix that was asked for,
    when that is another one of the same route: a release before this one stored keys under it.
    """

    servicio: str
    ruta: str
    clave: str
    cliente: str = ""
    venida: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Contestacion:
    """An HTTP answer as it is stored for a repeated key: status and body."""

    estado: int
    cuerpo: object


@dataclass(frozen=True, slots=True)
class ClaveGuardada:
    """What is stored for a key: the fingerprint of its request, and the answer."""

    huella: str
    contestacion: Contestacion


@dataclass(frozen=True, slots=True)
class Apartado:
    """A message that left its stream: it failed and waits for its next try, or is dead.

    Setting aside is total: its texts are made such as any row, message and log line takes.
    With `falta` it waits for a process that knows this version.
    """

    consumidor: str
    id: UUID
    tema: str
    cuerpo: bytes
    intentos: int
    error: str
    proximo: datetime | None
    falta: Conocida | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "tema", texto_apto(self.tema, TEMA_MAXIMO))
        object.__setattr__(self, "error", texto_apto(self.error))


@dataclass(slots=True)
class Cambios:
    """All that one transaction writes; the unit of work flushes it in a fixed order."""

    agregados: list[Agregado] = field(default_factory=list)
    registrados: list[Registrado] = field(default_factory=list)
    toma: dict[Unico, UUID] = field(default_factory=dict)
    libera: dict[Unico, UUID] = field(default_factory=dict)
    envios: list[Envio] = field(default_factory=list)
    claves: dict[ClaveIdempotencia, ClaveGuardada] = field(default_factory=dict)
    apartados: list[Apartado] = field(default_factory=list)
    anotaciones: list[Anotacion] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PeorRetraso:
    """How far behind a loop of a process is."""

    proceso: UUID
    bucle: str
    segundos: float


class TablonDeRetrasos(Protocol):
    """Where the processes of a system tell each other their worst delay; calls from several threads are safe.

    Every method may raise Conflicto or ConexionPerdida; then what was told before still stands.
    """

    def decir(self, bucle: str, segundos: float) -> None:
        """Tell this process's worst delay, in place of what it told before."""

    def callar(self) -> None:
        """Take it back."""

    def peor(self) -> PeorRetraso | None:
        """Return the worst of all processes; what was told more than 5 s ago does not count."""


SIN_AJENAS: Mapping[UUID, UUID] = {}


class UnidadDeTrabajo(AbstractContextManager["UnidadDeTrabajo"], Protocol):
    """One transaction over a whole batch, used by one thread; it rolls back unless `commit` ran.

    Every method may raise Conflicto (nothing happened; begin again) or ConexionPerdida.
    """

    @property
    def ahora(self) -> datetime:
        """The database's clock, read once in this transaction."""

    def entradas_frescas(
        self, consumidor: str, ids: Sequence[UUID], ajenas: Mapping[UUID, UUID] = SIN_AJENAS, /
    ) -> set[UUID]:
        """Write inbox rows; return the ids that were not there. `ajenas`: under which ids some came."""

    def cargar(self, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        """Load the streams that exist, in one query."""

    def duenos(self, unicos: Collection[Unico]) -> dict[Unico, UUID]:
        """Return the owners of claimed values."""

    def claves(self, claves: Collection[ClaveIdempotencia]) -> dict[ClaveIdempotencia, ClaveGuardada]:
        """Return what is stored for these idempotency keys."""

    def consultar(self, nombre: str, argumentos: Collection[str]) -> Mapping[str, Sequence[UUID]]:
        """Run one of the module's own indexed queries, once for all arguments: argument → ids."""

    def vencidos(self, maximo: int, solo: Collection[UUID] = (), sin: Collection[UUID] = ()) -> list[UUID]:
        """Claim streams whose wake-up is due, but those that another process holds or this one cannot read.

        Of `solo` alone, if any are named, and none of `sin`.

        While a living process says that replies may lie unread, those whose next try is due, and others
        only when `demora` has gone by since.
        """

    @property
    def demora(self) -> timedelta:
        """How late replies may be, as the last `vencidos` found it; INDEFINIDA when nobody can tell."""

    def apartado_vencido(self, consumidor: str, conocidas: Collection[Conocida]) -> Apartado | None:
        """Claim one message whose next try is due, skipping those that another process holds.

        One that waits for a version is only for a process that knows it: by `conocidas`, or its store.
        """

    def quitar_apartado(self, apartado: Apartado) -> bool:
        """Remove a message from the waiting ones; False when it is not there with as many attempts."""

    def sumar_intento(self, consumidor: str, ids: Sequence[UUID], suma: int) -> Mapping[UUID, int]:
        """Count the ids of a careful start and return the counts: 1 for one that was never seen.

        One that was is counted `suma` higher, and 2 at least.
        """

    def olvidar_intento(self, consumidor: str, id: UUID) -> None:
        """Forget the count of a message that was handled after all."""

    def anotar_parada(self, consumidor: str, limpio: bool) -> bool:
        """Record whether the consumer stopped cleanly; return what was recorded before."""

    def guardar(self, cambios: Cambios) -> UUID | None:
        """Write everything in the fixed order; return the id of the outbox row, if one was made."""

    def commit(self) -> None:
        """Make it all true."""

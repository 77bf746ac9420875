"""The ports of the platform: what the loops need of a clock, a broker and a database, with their promises."""

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
# A delay of unknown length: no deadline lies that far in the past, so all deadlines are held back.
INDEFINIDA = timedelta(days=3_650)


class BrokerNoDisponible(Exception):
    """The broker does not answer: the messages stay in the outbox, and the relay sends them again later."""


class Conflicto(Exception):
    """Another transaction won (version, unique value, deadlock): nothing was written; load and try again."""


class Bloqueado(Conflicto):
    """Another transaction held a lock for longer than our lock timeout."""


class ConflictoPersistente(Exception):
    """One batch conflicted too often in a row: an outage of ours, not an attempt of any message."""


class ConexionPerdida(Exception):
    """The database is away or takes no writes: the loop ends, and its supervisor starts it again."""


class RelojDesviado(ConexionPerdida):
    """This process's clock differs too much from the database's: no id is made until both agree again.

    A UUIDv7 made with a wrong clock would sort wrongly. Like a lost connection, the error ends the loop that
    met it and counts against no message.
    """


class Reloj(Protocol):
    """The clock of a process. Deadlines use the database's clock instead (`UnidadDeTrabajo.ahora`)."""

    def ahora(self) -> datetime:
        """Return the present instant in UTC."""


class Identificadores(Protocol):
    """The source of new ids; calls from several threads are safe."""

    def nuevo(self) -> UUID:
        """Return a new UUIDv7: unique everywhere, rising in time. Raises RelojDesviado."""


@dataclass(frozen=True, slots=True)
class Sordera:
    """Why a subscription receives nothing, and since when.

    `sin_broker`: the broker itself does not answer, so every subscription of the process is affected.
    """

    desde: datetime
    causa: str
    sin_broker: bool


class Suscripcion(Protocol):
    """One consumer of a subscription. One thread uses it; `sordera` may be read from any thread.

    Delivery is at least once: messages that were not confirmed come again when this consumer closes or its
    process dies. Messages of one key arrive in the order in which one living process sent them, and only one
    consumer at a time receives them.

    While the broker is away, refuses the subscription or has lost a topic, `recibir` returns nothing and
    `sordera` says why. The subscription recovers by itself when the cause is gone.
    """

    @property
    def sordera(self) -> Sordera | None:
        """Why the subscription receives nothing; None while it works."""

    @property
    def conexion(self) -> int:
        """The number of the present connection to the broker, from 1; 0 while there is none."""

    def recibir(self, maximo: int, espera: float) -> list[Recibido]:
        """Return up to about `maximo` messages; wait at most `espera` seconds for the first one."""

    def confirmar(self, lote: Sequence[Recibido]) -> None:
        """Acknowledge these messages to the broker. After a crash the broker may still deliver them again."""

    def cerrar(self) -> None:
        """Leave the subscription: another consumer gets the messages that were not confirmed."""


@dataclass(frozen=True, slots=True)
class Rechazo:
    """Messages that the broker did not store for one topic, and why.

    `definitivo`: no later try can succeed (a message is too large or cannot be encoded, or the topic is
    closed for good). The other messages of the topic are stored, or are in another Rechazo.

    Otherwise the topic refuses all messages for now (not found, not permitted, over its quota, no answer).
    Then `envios` are all messages that were sent to the topic, in order. All of them must be sent again
    before any younger message, although some may be stored already.
    """

    tema: str
    causa: str
    envios: Sequence[Envio]
    definitivo: bool = False


class Broker(Protocol):
    """Sends bursts of messages and opens subscriptions.

    One thread at a time uses `enviar` and `asegurar`: the publisher and the relay each have a broker object
    of their own. Subscriptions may be opened from any thread. Topics and subscriptions must exist before
    (`aeropartners migrar` creates them). The messages of a burst are stored in their order, per key. Each
    topic fails alone: a topic that is slow or refuses messages does not hold back another one.
    """

    def enviar(self, envios: Iterable[Envio]) -> None:
        """Start sending these messages; none is known to be stored before `asegurar` returns."""

    def asegurar(self) -> Sequence[Rechazo]:
        """Wait for the answers to all messages sent since the last call; return those that were not stored.

        All other messages are stored. Raises BrokerNoDisponible when the broker does not answer: then any of
        the messages may or may not be stored.
        """

    def suscribir(self, temas: Sequence[str], nombre: str) -> Suscripcion:
        """Open a consumer of the subscription `nombre` on all of `temas`.

        While the broker is away, the subscription waits for it or this raises BrokerNoDisponible.
        """

    def cerrar(self) -> None:
        """Close all connections of this object; stored messages stay stored."""


@dataclass(frozen=True, slots=True, order=True)
class Unico:
    """A value that at most one stream may own within its scope (a claim), such as a name."""

    ambito: str
    valor: str


@dataclass(frozen=True, slots=True)
class Registrado:
    """An event of this transaction: its position in its stream, and the envelope that caused it."""

    flujo: UUID
    tipo_flujo: str
    version: int
    evento: object
    sobre: Sobre
    fecha: datetime
    id: UUID


@dataclass(frozen=True, slots=True, order=True)
class ClaveIdempotencia:
    """An `Idempotency-Key` as one caller sends it to one route of one service.

    `cliente` is "" where callers do not identify themselves. One route may be served under two prefixes:
    `ruta` is the main path, and `venida` the path of the request when it is the other one. An older release
    stored keys under that path.
    """

    servicio: str
    ruta: str
    clave: str
    cliente: str = ""
    venida: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Contestacion:
    """An HTTP answer, status and body, as it is stored for a repeated key."""

    estado: int
    cuerpo: object


@dataclass(frozen=True, slots=True)
class ClaveGuardada:
    """What is stored for an idempotency key: the fingerprint of the first request's body, and its answer."""

    huella: str
    contestacion: Contestacion


@dataclass(frozen=True, slots=True)
class Apartado:
    """A message set aside: it failed and waits for its next try (`proximo`), or is dead (`proximo` None).

    Its texts are cut and cleaned, so that every row, message and log line can hold them: to set a message
    aside must never fail. `falta` is a version that this process cannot read: the message waits for a process
    that can.
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
    """All that one transaction writes; the unit of work writes the parts in a fixed order."""

    agregados: list[Agregado] = field(default_factory=list)
    registrados: list[Registrado] = field(default_factory=list)
    toma: dict[Unico, UUID] = field(default_factory=dict)
    libera: dict[Unico, UUID] = field(default_factory=dict)
    envios: list[Envio] = field(default_factory=list)
    claves: dict[ClaveIdempotencia, ClaveGuardada] = field(default_factory=dict)
    apartados: list[Apartado] = field(default_factory=list)
    anotaciones: list[Anotacion] = field(default_factory=list)
    numeros: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeorRetraso:
    """The process and the loop that are furthest behind, and by how many seconds."""

    proceso: UUID
    bucle: str
    segundos: float


class TablonDeRetrasos(Protocol):
    """Where the processes of a system publish their worst delay. Calls from several threads are safe.

    Every method may raise Conflicto or ConexionPerdida; then the values published before stay as they were.
    """

    def decir(self, bucle: str, segundos: float) -> None:
        """Publish this process's worst delay, in place of the value that it published before."""

    def callar(self) -> None:
        """Remove the delay that this process published."""

    def peor(self) -> PeorRetraso | None:
        """Return the worst delay of all processes; values older than 5 s do not count."""


SIN_AJENAS: Mapping[UUID, UUID] = {}


class UnidadDeTrabajo(AbstractContextManager["UnidadDeTrabajo"], Protocol):
    """One transaction over a whole batch. One thread uses it; it rolls back unless `commit` ran.

    Every method may raise Conflicto (nothing was written: begin again) or ConexionPerdida.
    """

    @property
    def ahora(self) -> datetime:
        """The database's clock, read once in this transaction."""

    def entradas_frescas(
        self, consumidor: str, ids: Sequence[UUID], ajenas: Mapping[UUID, UUID] = SIN_AJENAS, /
    ) -> set[UUID]:
        """Insert inbox rows for these message ids; return the ids that were not in the inbox yet.

        `ajenas` gives, for messages of public topics, the id that the sender chose.
        """

    def cargar(self, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        """Return the streams that exist, by id, loaded in one query."""

    def duenos(self, unicos: Collection[Unico]) -> dict[Unico, UUID]:
        """Return the stream that owns each of these values; values without an owner are left out."""

    def claves(self, claves: Collection[ClaveIdempotencia]) -> dict[ClaveIdempotencia, ClaveGuardada]:
        """Return the stored fingerprint and answer of those of these idempotency keys that exist."""

    def consultar(self, nombre: str, argumentos: Collection[str]) -> Mapping[str, Sequence[UUID]]:
        """Run one of the module's own indexed queries once for all arguments; return argument → ids."""

    def numeros(self, contadores: Collection[str]) -> dict[str, int]:
        """Lock these counters, in the order of their names, and return the last number that each has given.

        A counter that does not exist has given 0. `guardar` writes the numbers of `Cambios.numeros`: a
        transaction that is rolled back uses none up.
        """

    def vencidos(self, maximo: int, solo: Collection[UUID] = (), sin: Collection[UUID] = ()) -> list[UUID]:
        """Return the ids of up to `maximo` streams whose wake-up is due.

        The streams are locked. Streams that another process has locked, and those of a version that this
        process cannot read, are skipped. Where streams wait for nobody's reply they are not locked: the
        handler looks at each again, after it has locked what it disputes. `solo`, if not empty, limits the
        search to these ids; `sin` excludes ids.

        While a living process reports that replies may lie unread, a stream is woken only when its next try
        is due, or when `demora` has passed since its deadline: the reply that it waits for may be unread.
        """

    @property
    def demora(self) -> timedelta:
        """How long replies may lie unread, as the last `vencidos` found; INDEFINIDA when it is unknown."""

    def apartado_vencido(self, consumidor: str, conocidas: Collection[Conocida]) -> Apartado | None:
        """Lock and return one message whose next try is due; skip messages that another process has locked.

        A message that waits for a version is returned only if this process knows the version: `conocidas` are
        those of the module's messages, and the store adds the stored types.
        """

    def quitar_apartado(self, apartado: Apartado) -> bool:
        """Delete a waiting message. False when it is gone or its number of attempts has changed."""

    def sumar_intento(self, consumidor: str, ids: Sequence[UUID], suma: int) -> Mapping[UUID, int]:
        """Count these ids after an unclean stop (see `Sospechosos`) and return their counts.

        The count of a new id is 1. The count of a known id grows by `suma`, and is at least 2.
        """

    def olvidar_intento(self, consumidor: str, id: UUID) -> None:
        """Delete the count of a message that was handled."""

    def anotar_parada(self, consumidor: str, limpio: bool) -> bool:
        """Record whether the consumer stopped cleanly; return the value recorded before (True if none)."""

    def guardar(self, cambios: Cambios) -> UUID | None:
        """Write all changes in the fixed order; return the id of the outbox row, None without messages."""

    def commit(self) -> None:
        """Commit the transaction."""

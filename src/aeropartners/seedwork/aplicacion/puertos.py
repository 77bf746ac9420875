"""Ports of the machine, each with its promises written out."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from aeropartners.seedwork.aplicacion.auditoria import Anotacion
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Sobre
from aeropartners.seedwork.dominio.agregado import Agregado


class BrokerNoDisponible(Exception):
    """The broker did not store what was sent; the outbox keeps it and the relay sends it again."""


class Conflicto(Exception):
    """Another transaction won (version, uniqueness, deadlock, lock timeout): reload and try again."""


class ConflictoPersistente(Exception):
    """The same batch lost too often in a row: a defect, or a value that no retry will free."""


class ConexionPerdida(Exception):
    """The database connection is gone; the loop ends and its supervisor starts it again."""


class Reloj(Protocol):
    """The clock of a process; deadlines use the database's instead (`UnidadDeTrabajo.ahora`)."""

    def ahora(self) -> datetime:
        """Return the present instant in UTC."""


class Identificadores(Protocol):
    """Where ids come from; calls from several threads are safe."""

    def nuevo(self) -> UUID:
        """Return a fresh UUIDv7: unique everywhere, rising in time."""


class Suscripcion(Protocol):
    """One consumer of a subscription; used by one thread.

    At least once: what was not confirmed comes again when this consumer dies or closes. Messages of
    one key come in the order in which one living process sent them, and to one consumer at a time.
    """

    def recibir(self, maximo: int, espera: float) -> list[Recibido]:
        """Return up to about `maximo` messages, waiting at most `espera` seconds for the first."""

    def confirmar(self, lote: Sequence[Recibido]) -> None:
        """Say that these are dealt with; a crash right after may still deliver them again."""

    def cerrar(self) -> None:
        """Leave the subscription; what was confirmed stays so, what was not goes to another."""


class Broker(Protocol):
    """Sends bursts and opens subscriptions.

    `enviar` and `asegurar` belong to one thread at a time (the publisher's or the relay's own
    broker object); subscriptions may be opened from any thread. Topics and subscriptions exist
    before they are used (`preparar`); a burst is stored in the order of its messages, per key.
    """

    def enviar(self, lote: Iterable[Envio]) -> None:
        """Start sending; nothing is promised until `asegurar` returns."""

    def asegurar(self) -> None:
        """Return when the broker has stored all that was sent since the last call.

        Raises BrokerNoDisponible when it has not, whatever part of it arrived.
        """

    def suscribir(self, temas: Sequence[str], nombre: str) -> Suscripcion:
        """Open a consumer of the subscription `nombre` on all of `temas`."""

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
    """An `Idempotency-Key` as one route of one service knows it."""

    servicio: str
    ruta: str
    clave: str


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
    """A message that failed and left its stream: it waits for its next try, or is dead."""

    consumidor: str
    id: UUID
    tema: str
    cuerpo: bytes
    intentos: int
    error: str
    proximo: datetime | None


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
class Atraso:
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

    def peor(self) -> Atraso | None:
        """Return the worst of all processes; what was told more than 5 s ago does not count."""


class UnidadDeTrabajo(AbstractContextManager["UnidadDeTrabajo"], Protocol):
    """One transaction over a whole batch, used by one thread; it rolls back unless `commit` ran.

    Every method may raise Conflicto (nothing happened; begin again) or ConexionPerdida.
    """

    @property
    def ahora(self) -> datetime:
        """The database's clock, read once in this transaction."""

    def entradas_frescas(self, consumidor: str, ids: Sequence[UUID]) -> set[UUID]:
        """Write inbox rows; return the ids that were not there."""

    def cargar(self, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        """Load the streams that exist, in one query."""

    def duenos(self, unicos: Collection[Unico]) -> dict[Unico, UUID]:
        """Return the owners of claimed values."""

    def claves(self, claves: Collection[ClaveIdempotencia]) -> dict[ClaveIdempotencia, ClaveGuardada]:
        """Return what is stored for these idempotency keys."""

    def consultar(self, nombre: str, argumentos: Collection[str]) -> Mapping[str, Sequence[UUID]]:
        """Run one of the module's own indexed queries, once for all arguments: argument → ids."""

    def vencidos(self, maximo: int) -> list[UUID]:
        """Claim streams whose wake-up is due, skipping those that another process holds."""

    def apartado_vencido(self, consumidor: str) -> Apartado | None:
        """Claim one message whose next try is due, skipping those that another process holds."""

    def quitar_apartado(self, apartado: Apartado) -> None:
        """Remove a message that succeeded or died from the waiting ones."""

    def sumar_intento(self, consumidor: str, ids: Sequence[UUID], suma: int) -> Mapping[UUID, int]:
        """Count the ids of a careful start and return the counts: 1 for one that was never seen.

        One that was is counted `suma` higher, and 2 at least.
        """

    def olvidar_intento(self, consumidor: str, id: UUID) -> None:
        """Forget the count of a message that was handled after all."""

    def turno(self, consumidor: str, limpio: bool) -> bool:
        """Record whether the consumer stopped cleanly; return what was recorded before."""

    def guardar(self, cambios: Cambios) -> UUID | None:
        """Write everything in the fixed order; return the id of the outbox row, if one was made."""

    def commit(self) -> None:
        """Make it all true."""

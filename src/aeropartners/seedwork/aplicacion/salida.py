"""The port of the outbox, as the publisher and the relay use it: bursts, and topics that refuse messages."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import Envio

# The `consumidor` of dead letters that never left: no broker will ever store them.
SIN_SALIDA = "salida"


@dataclass(frozen=True, slots=True)
class Rafaga:
    """One outbox row: the messages of one transaction's burst that are still to be sent.

    `posicion` is the row's place in the order of the outbox; `edad_s` its age in seconds.
    """

    id: UUID
    posicion: int
    edad_s: float
    envios: Sequence[Envio]


@dataclass(frozen=True, slots=True)
class TemaDetenido:
    """A topic that refuses messages for now: its messages wait in the outbox, in order."""

    tema: str
    causa: str
    desde: datetime


class Salida(Protocol):
    """The outbox. Rows are read without a lock, so two processes may send one burst: inboxes drop repeats."""

    def unico(self) -> AbstractContextManager[bool]:
        """Hold the database-wide lock of the relay; yields False when another process holds it."""

    def viejas(self, edad_s: float, maximo: int, desde: int = 0) -> Sequence[Rafaga]:
        """Return up to `maximo` bursts older than `edad_s` seconds, after position `desde`, in outbox order.

        A row that cannot be decoded becomes one dead letter.
        """

    def borrar(self, rafagas_ids: Sequence[UUID]) -> None:
        """Delete rows whose messages the broker has all stored."""

    def quitar(self, partes: Mapping[UUID, Sequence[Envio]]) -> None:
        """Remove these messages from their rows; a row without any message left is deleted."""

    def enterrar(self, rechazados: Sequence[tuple[UUID, Envio, str]]) -> None:
        """Move messages that no broker will ever store to the dead letters: row id, message, reason."""

    def temas_de(self, rafagas_ids: Collection[UUID]) -> Mapping[UUID, Collection[str]]:
        """Return, by row id, the topics of the messages that are still in these rows."""

    def detenidos(self) -> Sequence[TemaDetenido]:
        """Return the topics that refuse messages, as the relay recorded them last."""

    def contar_detenidos(self, causas: Mapping[str, str]) -> None:
        """Record which topics refuse messages and why, replacing the last record.

        A topic that was recorded before keeps its `desde`.
        """

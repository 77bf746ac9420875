"""The outbox as its publisher and its relay see it: bursts, what is left of them, and topics that wait."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import Envio

# In whose name the dead letters table keeps what no broker will ever take.
SIN_SALIDA = "salida"


@dataclass(frozen=True, slots=True)
class Rafaga:
    """One row: what has yet to leave of the burst of a transaction, and where it stands in the outbox."""

    id: UUID
    posicion: int
    edad_s: float
    envios: Sequence[Envio]


@dataclass(frozen=True, slots=True)
class TemaDetenido:
    """A topic that takes nothing for now: its messages wait in the outbox, in order."""

    tema: str
    causa: str
    desde: datetime


class Salida(Protocol):
    """The outbox; rows are read without a lock, so that another may send the same: repeats are harmless."""

    def unico(self) -> AbstractContextManager[bool]:
        """Hold the database-wide relay lock; False when another process holds it."""

    def viejas(self, edad_s: float, maximo: int, desde: int = 0) -> Sequence[Rafaga]:
        """Return bursts older than `edad_s` after the position `desde`, in outbox order.

        A row that cannot be decoded becomes a dead letter, whole.
        """

    def borrar(self, rafagas_ids: Sequence[UUID]) -> None:
        """Delete rows that the broker has stored."""

    def quitar(self, partes: Mapping[UUID, Sequence[Envio]]) -> None:
        """Take these messages out of their rows; a row of which nothing is left is deleted."""

    def enterrar(self, rechazados: Sequence[tuple[UUID, Envio, str]]) -> None:
        """Move messages that no broker will take to the dead letters: the row's id, the message, and why."""

    def temas_de(self, rafagas_ids: Collection[UUID]) -> Mapping[UUID, Collection[str]]:
        """Return the topics of the messages that are still in these rows."""

    def detenidos(self) -> Sequence[TemaDetenido]:
        """Return the topics that wait, as the relay told them last."""

    def contar_detenidos(self, causas: Mapping[str, str]) -> None:
        """Tell which topics wait, and why, in place of what was told before; `desde` of one stays."""

"""What the auditor reads, as ports: snapshots of the tables, and how far the broker's readers are."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from saga_orchestrator.aplicacion.espera import Paradero
from saga_orchestrator.cotejo.aplicacion.tramo import (
    Enviado,
    Juicio,
    Lugar,
    Marca,
    PaginaDeFlujos,
    PaginaDeSagas,
)
from saga_orchestrator.cotejo.dominio.hallazgo import Hallazgo


class Foto(Protocol):
    """One read-only snapshot; every method is of bounded size and sees the same moment.

    `ahora` is the database's clock at its beginning.
    """

    ahora: datetime

    def primera(self, marca: Marca) -> datetime | None:
        """Return when the first event after the mark happened."""

    def sin_asentar(self) -> datetime | None:
        """Return when the oldest event happened that cannot be read in order yet; None when all can."""

    def sagas(self, desde: Lugar, limite: datetime) -> PaginaDeSagas | None:
        """Return the next events in commit order, up to the first one after `limite`."""

    def flujos(self, desde: Lugar, limite: datetime) -> PaginaDeFlujos | None:
        """The same of the modules' events."""

    def juzgar_sagas(self, ids: Collection[str]) -> Juicio:
        """Judge these sagas by their rows and effects."""

    def juzgar_flujos(self, ids: Mapping[str, Collection[str]]) -> list[Hallazgo]:
        """Judge streams, by kind: whose they are, and whether another one is the same step's."""

    def juzgar_claves(self, claves: Mapping[str, Collection[str]]) -> list[Hallazgo]:
        """Judge the keys of the modules' other books, by kind."""

    def abiertas(self, tras: str, limite: datetime) -> tuple[str, Sequence[str]]:
        """Return the next open sagas that nothing has happened to since `limite`."""

    def calladas(self, ids: Collection[str]) -> list[Hallazgo]:
        """Say which of these wait for an answer to their last command."""

    def recibidos(self, desde: datetime, hasta: datetime) -> set[str]:
        """Return the inbox rows of the modules whose ids are of that time."""

    def estan(self, enviados: Collection[Enviado]) -> set[str]:
        """Return which of these have an inbox row."""

    def perdidos(self, enviados: Collection[Enviado]) -> list[Hallazgo]:
        """Return the findings of messages that left and did not arrive; not of one that is in the outbox."""

    def ajenos(self, ids: Collection[str]) -> list[Hallazgo]:
        """Return the findings of those of these inbox rows that are no public event."""

    def extranos(self, tras: str) -> tuple[str, Sequence[str]]:
        """Return the next inbox rows whose ids no part of this system could have made."""

    def pagina(self, tipo: str, tras: str) -> tuple[str, Sequence[str]]:
        """Return the next ids of `saga`, of `flujo:` and a kind of stream, or of `libro:` and a kind.

        What goes through something a page at a time takes where to begin, `""` at first, and returns where
        the next page begins, `""` after the last one.
        """

    def apartados(self, mensajes: Collection[str], sagas: Collection[str], /) -> Mapping[str, Paradero]:
        """Return, of these, what waits for another try, is dead, or was discarded by an operator."""

    def ultimos(self) -> tuple[Lugar, Lugar]:
        """Return the newest places of the sagas' and of the modules' events."""

    def salida_desde(self) -> datetime | None:
        """Return when the oldest burst came to the outbox; None when it is empty."""


class Libros(Protocol):
    """The tables. Snapshots never write and never wait for a writer."""

    @property
    def tipos(self) -> Sequence[str]:
        """What `Foto.pagina` goes through."""

    def foto(self) -> AbstractContextManager[Foto]:
        """Take a snapshot; ConexionPerdida and Conflicto may come out of it at any point."""


class Atrasos(Protocol):
    """How far the readers of the broker are; used by one thread."""

    def despejado(self) -> datetime | None:
        """Return a moment: what was stored before it has been confirmed by all of our readers.

        None when the broker does not say.
        """

    def volver_a(self, tema: str, suscripcion: str, momento: datetime, /) -> str | None:
        """Return the command that reads a topic again from a moment on, if the broker can do that."""

    def cerrar(self) -> None:
        """Close the connections."""


class Archivo(Protocol):
    """Where the mark is kept between two runs."""

    def leer(self) -> tuple[Marca, list[Enviado], list[str]]:
        """Return the mark, what had not arrived yet, and the sagas under suspicion."""

    def guardar(self, marca: Marca, enviados: Sequence[Enviado], sagas: Sequence[str], /) -> None:
        """Keep them; after a crash the old ones or the new ones are there, whole."""

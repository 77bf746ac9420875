"""What the cotejo reads, as ports: snapshots of the tables, where the broker's readers are, and the mark."""

from collections.abc import Collection, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from saga_orchestrator.aplicacion.espera import Paradero
from saga_orchestrator.cotejo.dominio.hallazgo import Hallazgo

# A place in the order of commits: transaction and position.
Lugar = tuple[int, int]
ORIGEN: Lugar = (0, 0)
# What is gone through page by page beside `Libros.tipos`: silent open sagas, and ids of no kind of ours.
ABIERTAS, EXTRANOS = "abiertas", "extraños"


@dataclass(slots=True)
class Marca:
    """How far the cotejo is: in both streams of events, in the inbox, and in the round through all rows.

    `ajenos`: inbox rows that nothing that was read so far explains, and since when they are known.
    """

    sagas: Lugar = ORIGEN
    flujos: Lugar = ORIGEN
    hasta: datetime | None = None
    barrido: dict[str, str] = field(default_factory=dict)
    ajenos: dict[str, datetime] = field(default_factory=dict)


class Enviado(NamedTuple):
    """A message that the events say was sent to one of our consumers.

    A command has the `version` of the event of its saga that ordered it; a public event has 0, and the
    topic and subscription that it is read by.
    """

    id: str
    saga_id: str
    version: int
    fecha: datetime
    tema: str = ""
    suscripcion: str = ""


class Juicio(NamedTuple):
    """What was found in sagas, how many calls were repeated for them, and the streams of their steps."""

    hallazgos: list[Hallazgo]
    repetidas: int
    flujos: Set[str]


class PaginaDeSagas(NamedTuple):
    """A stretch of the sagas' events: whom they touch, what they sent, and how much that was."""

    tocadas: Sequence[str]
    iniciadas: int
    mensajes: int
    enviados: Sequence[Enviado]
    hasta: Lugar


class PaginaDeFlujos(NamedTuple):
    """A stretch of the modules' events: new streams by their kind, and what they sent to each other."""

    nuevos: Mapping[str, Sequence[str]]
    enviados: Sequence[Enviado]
    hasta: Lugar


class Foto(Protocol):
    """One read-only snapshot; every method is of bounded size and sees the same moment.

    `ahora` is the database's clock at its beginning.
    """

    ahora: datetime

    def primera(self, marca: Marca) -> datetime | None:
        """Return when the first event after the mark happened."""

    def sin_asentar(self) -> datetime | None:
        """Return when the oldest event happened that cannot be read in order yet; None when all can."""

    def salida_desde(self) -> datetime | None:
        """Return when the oldest burst came to the outbox; None when it is empty."""

    def ultimos(self) -> tuple[Lugar, Lugar]:
        """Return the newest places of the sagas' and of the modules' events."""

    def sagas(self, desde: Lugar, limite: datetime) -> PaginaDeSagas | None:
        """Return the next events in commit order, up to the first one after `limite`."""

    def flujos(self, desde: Lugar, limite: datetime) -> PaginaDeFlujos | None:
        """The same of the modules' events."""

    def pagina(self, tipo: str, tras: str, limite: datetime) -> tuple[str, Sequence[str]]:
        """Return the next ids of ABIERTAS not moved since `limite`, of EXTRANOS, or of one of `tipos`.

        It takes where to begin, `""` at first, and returns where the next page begins, `""` after the last.
        """

    def juzgar_sagas(self, ids: Collection[str]) -> Juicio:
        """Judge these sagas by their rows and effects."""

    def juzgar(self, origen: str, ids: Collection[str]) -> list[Hallazgo]:
        """Judge sagas, the streams of a kind (whose they are), or the keys of its other book, by the look."""

    def calladas(self, ids: Collection[str]) -> list[Hallazgo]:
        """Say which of these sagas wait for an answer to their last command."""

    def recibidos(self, desde: datetime, hasta: datetime) -> set[str]:
        """Return the inbox rows of the modules whose ids are of that time."""

    def estan(self, enviados: Collection[Enviado]) -> set[str]:
        """Return which of these have an inbox row."""

    def perdidos(self, enviados: Collection[Enviado]) -> list[Hallazgo]:
        """Return the findings of messages that left and have no inbox row, of those that must leave one."""

    def ajenos(self, ids: Collection[str]) -> list[Hallazgo]:
        """Return the findings of those of these inbox rows that are no public event."""

    def apartados(self, mensajes: Collection[str], sagas: Collection[str], /) -> Mapping[str, Paradero]:
        """Return, of these, what waits for another try, is dead, or was discarded by an operator."""


class Libros(Protocol):
    """The tables. Snapshots never write and never wait for a writer."""

    @property
    def tipos(self) -> Sequence[str]:
        """The kinds of `Foto.pagina` that `Foto.juzgar` judges."""

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

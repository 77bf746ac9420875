"""The ports of the cotejo: snapshots of the tables, the backlog of the broker's readers, and the mark."""

from collections.abc import Collection, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from saga_orchestrator.aplicacion.espera import Paradero
from saga_orchestrator.cotejo.dominio.hallazgo import Hallazgo

# A place in the commit order of events: transaction and position.
PosicionDeCommit = tuple[int, int]
ORIGEN: PosicionDeCommit = (0, 0)
# The rows checked page by page beside `Libros.tipos`: open sagas that nothing happens to, and inbox rows with
# ids of a kind that our processes do not make.
ABIERTAS, EXTRANOS = "abiertas", "extraños"


@dataclass(slots=True)
class Marca:
    """How far the cotejo is in both event tables, in the inbox, and in its pages through all rows.

    `ajenos`: inbox rows that no event read so far explains, with the time since which they are known.
    """

    sagas: PosicionDeCommit = ORIGEN
    flujos: PosicionDeCommit = ORIGEN
    hasta: datetime | None = None
    barrido: dict[str, str] = field(default_factory=dict)
    ajenos: dict[str, datetime] = field(default_factory=dict)


class Enviado(NamedTuple):
    """A message to one of our consumers, as the events tell that it was sent.

    For a command, `version` is that of the saga's event that ordered it. For a public event, `version` is 0,
    and `tema` and `suscripcion` are those by which our consumer reads it.
    """

    id: str
    saga_id: str
    version: int
    fecha: datetime
    tema: str = ""
    suscripcion: str = ""


class Juicio(NamedTuple):
    """The findings in some sagas, the number of calls repeated for them, and the streams of their steps."""

    hallazgos: list[Hallazgo]
    repetidas: int
    flujos: Set[str]


class PaginaDeSagas(NamedTuple):
    """A stretch of the sagas' events: the sagas touched, the commands sent, and how many of both."""

    tocadas: Sequence[str]
    iniciadas: int
    mensajes: int
    enviados: Sequence[Enviado]
    hasta: PosicionDeCommit


class PaginaDeFlujos(NamedTuple):
    """A stretch of the modules' events: the new streams by kind, and the events that our consumers read."""

    nuevos: Mapping[str, Sequence[str]]
    enviados: Sequence[Enviado]
    hasta: PosicionDeCommit


class Foto(Protocol):
    """One read-only snapshot: all methods see the same moment and read a bounded number of rows."""

    ahora: datetime

    def primera(self, marca: Marca) -> datetime | None:
        """Return when the first event after the mark happened; None when there is none."""

    def sin_asentar(self) -> datetime | None:
        """Return when the oldest event happened that cannot yet be read in commit order, or None."""

    def salida_desde(self) -> datetime | None:
        """Return when the oldest burst came to the outbox; None when the outbox is empty."""

    def ultimos(self) -> tuple[PosicionDeCommit, PosicionDeCommit]:
        """Return the places of the newest event of the sagas and of the newest event of the modules."""

    def sagas(self, desde: PosicionDeCommit, limite: datetime) -> PaginaDeSagas | None:
        """Return the next sagas' events in commit order, up to the first after `limite`, or None."""

    def flujos(self, desde: PosicionDeCommit, limite: datetime) -> PaginaDeFlujos | None:
        """Return the next modules' events in commit order, up to the first after `limite`, or None."""

    def pagina(self, tipo: str, tras: str, limite: datetime) -> tuple[str, Sequence[str]]:
        """Return where the next page begins and the ids of this one: of ABIERTAS, EXTRANOS or one of `tipos`.

        `tras` is where this page begins: `""` for the first one. The returned place is `""` after the last
        page. Of ABIERTAS, only sagas that have not changed since `limite` are returned.
        """

    def juzgar_sagas(self, ids: Collection[str]) -> Juicio:
        """Compare the rows of these sagas with their events and with the effects of their steps."""

    def juzgar(self, origen: str, ids: Collection[str]) -> list[Hallazgo]:
        """Return what is wrong with these ids, which are of the kind that the check `origen` judges."""

    def calladas(self, ids: Collection[str]) -> list[Hallazgo]:
        """Return a finding for each of these sagas that waits for an answer to its last command."""

    def recibidos(self, desde: datetime, hasta: datetime) -> set[str]:
        """Return the ids of the modules' inbox rows whose messages were made from `desde` to `hasta`."""

    def estan(self, enviados: Collection[Enviado]) -> set[str]:
        """Return the ids of these messages that have an inbox row."""

    def perdidos(self, enviados: Collection[Enviado]) -> list[Hallazgo]:
        """Return a finding for each message without an inbox row, if its consumer must leave one."""

    def ajenos(self, ids: Collection[str]) -> list[Hallazgo]:
        """Return a finding for each of these inbox rows whose id is not that of a stored event."""

    def apartados(self, mensajes: Collection[str], sagas: Collection[str], /) -> Mapping[str, Paradero]:
        """Return where the messages set aside are, by id: of these messages, and of these sagas.

        Set aside means: to be tried again, dead, or discarded by an operator.
        """


class Libros(Protocol):
    """The tables that the cotejo reads. A snapshot never writes and never waits for a writer."""

    @property
    def tipos(self) -> Sequence[str]:
        """The kinds of ids that `Foto.pagina` lists and `Foto.juzgar` judges."""

    def foto(self) -> AbstractContextManager[Foto]:
        """Open a snapshot; it and its methods raise ConexionPerdida and Conflicto."""


class Atrasos(Protocol):
    """The backlog of the broker's subscriptions; used by one thread."""

    def despejado(self) -> datetime | None:
        """Return a moment: each message stored before it has been confirmed by all of our subscriptions.

        None when the broker does not say.
        """

    def volver_a(self, tema: str, suscripcion: str, momento: datetime, /) -> str | None:
        """Return the shell command that reads a topic again from `momento`; None if it cannot."""

    def cerrar(self) -> None:
        """Close the connections to the broker."""


class Archivo(Protocol):
    """The store of the mark between two runs; used by one thread."""

    def leer(self) -> tuple[Marca, list[Enviado], list[str]]:
        """Return the mark, the messages that had not arrived yet, and the sagas under suspicion."""

    def guardar(self, marca: Marca, enviados: Sequence[Enviado], sagas: Sequence[str], /) -> None:
        """Store the three. After a crash `leer` returns the old ones or the new ones, never a mixture."""

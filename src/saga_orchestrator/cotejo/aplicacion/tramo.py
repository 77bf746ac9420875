"""What the auditor reads at a time, and the mark of how far it is."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from saga_orchestrator.cotejo.dominio.hallazgo import Hallazgo

# A place in the order of commits: transaction and position.
Lugar = tuple[int, int]
ORIGEN: Lugar = (0, 0)


@dataclass(slots=True)
class Marca:
    """How far the audit is: in both streams of events, in the inbox, and in the round through all rows.

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


@dataclass(frozen=True, slots=True)
class PaginaDeSagas:
    """A stretch of the sagas' events: whom they touch, what they sent, and how much that was."""

    tocadas: Sequence[str]
    iniciadas: int
    mensajes: int
    enviados: Sequence[Enviado]
    hasta: Lugar


@dataclass(frozen=True, slots=True)
class PaginaDeFlujos:
    """A stretch of the modules' events: new streams by their kind, and what they sent to each other."""

    nuevos: Mapping[str, Sequence[str]]
    enviados: Sequence[Enviado]
    hasta: Lugar

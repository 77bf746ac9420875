"""What a caller does with an order: its task, and how far it is."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre


@dataclass(frozen=True, slots=True)
class Espera:
    """The outside has not answered for good; call again at `hasta`."""

    hasta: datetime


class Tarea(Protocol):
    """What one kind of order does: a command to commit, then a call, then a command with its result.

    Every part is repeatable: after a crash the whole order starts again from its message.
    """

    @property
    def grupo(self) -> Hashable | None:
        """What orders have in common that are called together, if they are of one round; None: alone."""
        return None

    def marca(self) -> object | None:
        """Return the command that is committed before the call (None when nothing is).

        When a rule refuses it the order ends there, without a call.
        """

    def no_antes(self) -> datetime | None:
        """Return the earliest moment for the mark."""

    def llamar(self, marcado: object) -> Espera | object | None:
        """Call the outside, given the result of the mark; return a command, Espera, or None (done)."""

    def llamar_juntas(self, pares: Sequence[tuple[Any, object]]) -> Sequence[Espera | object | None]:
        """Call for several tasks of this group, each with its mark's result; return what `llamar` would.

        One after the other, unless a task knows better. When it raises, each is called alone.
        """
        return [tarea.llamar(marcado) for tarea, marcado in pares]


@dataclass(order=True, slots=True)
class Curso:
    """One order on its way; `fallos` counts commits that failed, `caidas` calls that raised.

    `sospechoso`: it was in hand when a process died, and has not come back from a call since;
    `contado`: its deaths are counted until it is done.
    """

    momento: datetime
    llegada: int
    recibido: Recibido = field(compare=False)
    sobre: Sobre = field(compare=False)
    tarea: Tarea = field(compare=False)
    preparado: bool = field(default=False, compare=False)
    marcado: object = field(default=None, compare=False)
    sospechoso: bool = field(default=False, compare=False)
    contado: bool = field(default=False, compare=False)
    fallos: int = field(default=0, compare=False)
    caidas: int = field(default=0, compare=False)


def en_utc(momento: datetime) -> datetime:
    """Return a moment that compares with others; one that names no zone is UTC."""
    return momento if momento.tzinfo else momento.replace(tzinfo=UTC)

"""The faults of a schedule that are armed, and have not happened yet."""

from dataclasses import dataclass, field
from uuid import UUID

from aeropartners.simulacion.copia import Copia

# A loop of a process.
Actor = tuple[Copia, str]


class Veneno(Exception):
    """A message that somebody cannot handle this time."""


@dataclass
class Fallas:
    """What is to happen, by process, by message, or to whoever comes first.

    `adelantos` are messages that fail until one copy has failed with a retry of them; before it notes that,
    another copy is quicker. `bloqueos`: so many transactions of a process wait in vain for a lock.
    `ausencias`: how often no orchestrator lived until a deadline was past.
    """

    muertes: dict[str, tuple[str, int]] = field(default_factory=dict)
    bases: dict[str, bool] = field(default_factory=dict)
    entre: tuple[int, str] | None = None
    veneno: dict[UUID, int] = field(default_factory=dict)
    adelantos: set[UUID] = field(default_factory=set)
    bloqueos: dict[str, int] = field(default_factory=dict)
    ausencias: int = 0
    _lento: Actor | None = None

    def desarmar(self) -> None:
        """Let no message have to be tried again."""
        self.veneno.clear()
        self.adelantos.clear()
        self.bloqueos.clear()

    def falla(self, mensaje: UUID, quien: Actor) -> bool:
        """Whether this loop fails with this message now."""
        if mensaje in self.adelantos:
            if quien[1].startswith("vigilante"):
                self.adelantos.discard(mensaje)
                self._lento = quien
            return True
        if self.veneno.get(mensaje, 0) > 0:
            self.veneno[mensaje] -= 1
            return True
        return False

    def adelantado(self, quien: Actor) -> bool:
        """Whether another copy gets ahead of this loop, which has failed; once."""
        if self._lento != quien:
            return False
        self._lento = None
        return True

    def bloqueada(self, nombre: str) -> bool:
        """Whether the next transaction of this process waits in vain."""
        if faltan := self.bloqueos.get(nombre, 0):
            self.bloqueos[nombre] = faltan - 1
        return faltan > 0

"""The faults of a schedule that are armed and have not happened yet."""

from dataclasses import dataclass, field
from uuid import UUID

from aeropartners.simulacion.copia import Copia

# A loop of a process: the process and the loop's name.
Actor = tuple[Copia, str]


class Veneno(Exception):
    """The error of a message that the schedule makes fail."""


@dataclass
class Fallas:
    """The armed faults: by process, by message, or for the next transaction.

    `muertes`: process → crash point and how many passes are left. `bases`: process → whether its database is
    lost after (True) or before its next commit. `entre`: which other loop works between the reads and writes
    of the next transaction, and the beginning of that transaction's loop. `veneno`: message → how many more
    times it fails. `adelantos`: messages that fail until a retry of them has failed on one copy; before that
    copy records the failure, another copy does the retry. `bloqueos`: process → how many of its transactions
    wait in vain for a lock. `ausencias`: how often no orchestrator lived until a deadline had passed.
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
        """Cancel the faults because of which a message is tried again later."""
        self.veneno.clear()
        self.adelantos.clear()
        self.bloqueos.clear()

    def falla(self, mensaje: UUID, quien: Actor) -> bool:
        """Whether this loop fails with this message now; counts the failure."""
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
        """Whether another copy works now, before this loop records its failure; true once."""
        if self._lento != quien:
            return False
        self._lento = None
        return True

    def bloqueada(self, nombre: str) -> bool:
        """Whether the next transaction of this process waits in vain for a lock; counts it."""
        if faltan := self.bloqueos.get(nombre, 0):
            self.bloqueos[nombre] = faltan - 1
        return faltan > 0

"""Aggregates with long streams: their state is stored now and then, so that loading stays fast."""

from abc import abstractmethod
from typing import ClassVar

from aeropartners.seedwork.dominio.agregado import Agregado


class ConInstantaneas(Agregado):
    """An aggregate that can be loaded from a stored state and the events after it.

    `memento` is the dataclass that `recordar` returns; it must hold the whole state. `forma` is its version:
    raise it when its meaning changes, and states stored before are ignored.
    """

    memento: ClassVar[type[object]]
    forma: ClassVar[int] = 1

    @abstractmethod
    def recordar(self) -> object:
        """Return the whole state."""

    @abstractmethod
    def restaurar(self, memento: object) -> None:
        """Take over a state that `recordar` returned."""

    def continuar(self, memento: object, version: int) -> None:
        """Start at `version` with a stored state, instead of from the first event."""
        self.restaurar(memento)
        self.version = self.version_inicial = version

"""The base of event-sourced aggregates: methods check rules, and only events change the state."""

from abc import ABC, abstractmethod
from typing import ClassVar
from uuid import UUID


class Agregado(ABC):
    """Base of every aggregate.

    A method checks its rules and then calls `registrar`. `aplicar` must accept every event of `eventos` in
    every state, because a stored event has happened. `version` counts all events; `version_inicial` is the
    version that was loaded, by which the store detects concurrent writes. `pendientes` are the new events.
    """

    tipo: ClassVar[str]
    eventos: ClassVar[tuple[type[object], ...]]

    def __init__(self, id: UUID) -> None:
        self.id = id
        self.version = 0
        self.version_inicial = 0
        self.pendientes: list[object] = []

    @property
    def existe(self) -> bool:
        """Whether the stream has at least one event."""
        return self.version > 0

    @property
    def sucio(self) -> bool:
        """Whether there are new events to store."""
        return self.version != self.version_inicial

    @abstractmethod
    def aplicar(self, evento: object) -> None:
        """Change the state by one event of `eventos`."""

    def registrar(self, evento: object) -> None:
        """Apply a new event and keep it in `pendientes` to be stored."""
        self.aplicar(evento)
        self.version += 1
        self.pendientes.append(evento)

    def reproducir(self, eventos: list[object]) -> None:
        """Apply stored events, in order; afterwards the aggregate is at its stored version."""
        for evento in eventos:
            self.aplicar(evento)
            self.version += 1
        self.version_inicial = self.version

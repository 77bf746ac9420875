"""What a loop is: rounds of one thing, until it is told to leave."""

from collections.abc import Callable
from typing import Protocol


class Bucle(Protocol):
    """A loop of the machine."""

    def una_ronda(self) -> int:
        """Do what there is to do now; return how much it was."""

    def terminar(self) -> None:
        """Leave cleanly."""


class Ronda:
    """A loop made of two functions."""

    def __init__(self, ronda: Callable[[], int], terminar: Callable[[], None] = lambda: None) -> None:
        self.una_ronda = ronda
        self.terminar = terminar

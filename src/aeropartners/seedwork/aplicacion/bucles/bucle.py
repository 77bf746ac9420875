"""The interface of a loop: repeated rounds, until the process stops."""

from collections.abc import Callable
from typing import Protocol


class Bucle(Protocol):
    """A loop of a process. One thread calls both methods."""

    def una_ronda(self) -> int:
        """Do the work that is there now; return how much was done, 0 for none."""

    def terminar(self) -> None:
        """Release what the loop holds, for a clean stop."""


class Ronda:
    """A loop made of two functions: one for a round, one for the end."""

    def __init__(self, ronda: Callable[[], int], terminar: Callable[[], None] = lambda: None) -> None:
        self.una_ronda = ronda
        self.terminar = terminar

"""A service: one HTTP application on one port, with the loops of its pieces."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from aeropartners.arranque.proceso.procesos import Proceso


@dataclass(frozen=True, slots=True)
class Servicio:
    """A service that a process can serve: the pieces whose loops it runs, and its application for them.

    `puerto` is the one of its contract. `llamado` and `variable` are its older name and port variable, from
    before there were several systems; without them both follow from the system's name. `lectores`: threads
    reserved for streams.
    """

    sistema: str
    parte: str
    piezas: tuple[str, ...]
    aplicacion: Callable[["Proceso", Sequence[str]], Flask]
    puerto: int
    llamado: str = ""
    variable: str = ""
    lectores: int = 0

    @property
    def nombre(self) -> str:
        """The service's name, unique among all systems."""
        return self.llamado or f"{self.sistema}-{self.parte}"

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that set the port; the first one that is set counts."""
        suya = f"PUERTO_{self.sistema}_{self.parte}".upper().replace("-", "_")
        return (suya, self.variable) if self.variable else (suya,)

"""A service: one HTTP application with its loops, on one port."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from aeropartners.arranque.proceso.procesos import Proceso


@dataclass(frozen=True, slots=True)
class Servicio:
    """A process that can be served: which pieces' loops it runs, and its application for these pieces.

    `puerto` is the one of its contract. `llamado` and `variable` are the name and the variable of its port
    that it had before there were several systems; without them they follow from the system's name.
    `lectores` hold a thread each.
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
        """Its name among the services of all systems."""
        return self.llamado or f"{self.sistema}-{self.parte}"

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that set its port; the first counts most."""
        suya = f"PUERTO_{self.sistema}_{self.parte}".upper().replace("-", "_")
        return (suya, self.variable) if self.variable else (suya,)

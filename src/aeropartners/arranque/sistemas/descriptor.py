"""What a system is: its modules, its topics, its services, and how it is shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from flask import Flask
from rich.console import Console

from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.seedwork.infraestructura.web.salud import Problema
from bff.cliente import ClienteOrquestador

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor
    from aeropartners.arranque.procesos import Proceso


def callados(clientes: Mapping[str, ClienteOrquestador]) -> list[Problema]:
    """Say which of the services that are called do not answer, and since when."""
    return [Problema(n, c.caido_desde, "no contesta") for n, c in clientes.items() if c.caido_desde]


@dataclass(frozen=True, slots=True)
class Servicio:
    """A process that can be served: which pieces' loops it runs, and its application for these pieces.

    `puerto` is a field of the configuration, which `variable` sets; `lectores` hold a thread each.
    """

    nombre: str
    piezas: tuple[str, ...]
    aplicacion: Callable[["Proceso", Sequence[str]], Flask]
    puerto: str
    variable: str
    lectores: int = 0


@dataclass(frozen=True, slots=True)
class Sistema:
    """One system, whole; whoever walks the list of systems knows nothing else of it.

    `piezas` makes its modules of a process's container. Others may read and write `temas_publicos`: each
    message is one message, in the shape of its contract.
    `consumos` tells what one module hears of another: the event, its topic, and who is subscribed.
    `servicios`: who is called before who calls it. `demostracion` starts sagas at the service `puerta`
    and shows them; True when all ended as they should.
    """

    piezas: Callable[["Contenedor"], Sequence[Pieza]]
    temas_publicos: frozenset[str]
    servicios: tuple[Servicio, ...]
    puerta: str
    demostracion: Callable[[httpx.Client, Console], bool]
    consumos: Mapping[str, tuple[str, str]] = field(default_factory=dict)

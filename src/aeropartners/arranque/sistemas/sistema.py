"""What a system is: its settings, modules, sagas, topics and services, and how it is shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from rich.console import Console

from aeropartners.arranque.servicio import Servicio
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.seedwork.infraestructura.web.salud import Problema
from bff.cliente import ClienteOrquestador
from saga_orchestrator.infraestructura.sistema import SagasDeSistema

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor


def callados(clientes: Mapping[str, ClienteOrquestador]) -> list[Problema]:
    """Say which of the services that are called do not answer, and since when."""
    return [Problema(n, c.caido_desde, "no contesta") for n, c in clientes.items() if c.caido_desde]


@dataclass(frozen=True, slots=True)
class Sistema:
    """One system, whole; whoever walks the list of systems knows nothing else of it.

    `ajustes` is its settings class (see `variables`). `piezas` and `sagas` make its modules, and what it
    brings to the orchestrator, of a process's container. Others may read and write `temas_publicos`: each
    message is one message, in the shape of its contract. `consumos` tells what one module hears of another:
    the event, its topic, and who is subscribed. `servicios`: who is called before who calls it.
    `demostracion` starts sagas at the service `puerta` and shows them; True when all ended as they should.
    """

    nombre: str
    ajustes: type
    piezas: Callable[["Contenedor"], Sequence[Pieza]]
    sagas: Callable[["Contenedor"], SagasDeSistema]
    temas_publicos: frozenset[str]
    servicios: tuple[Servicio, ...]
    puerta: str
    demostracion: Callable[[httpx.Client, Console], bool]
    consumos: Mapping[str, tuple[str, str]] = field(default_factory=dict)

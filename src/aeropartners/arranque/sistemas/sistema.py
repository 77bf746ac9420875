"""What a system is: its settings, modules, sagas, topics and services, and its demonstration."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from rich.console import Console

from aeropartners.arranque.ajustes.valores import JSON
from aeropartners.arranque.servicio import Servicio
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.seedwork.infraestructura.web.rutas.salud import Problema
from bff.cliente import ClienteOrquestador
from saga_orchestrator.infraestructura.sistema import SagasDeSistema

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor


def callados(clientes: Mapping[str, ClienteOrquestador]) -> list[Problema]:
    """Return the called services that do not answer, and since when."""
    return [Problema(n, c.caido_desde, "no contesta") for n, c in clientes.items() if c.caido_desde]


@dataclass(frozen=True, slots=True)
class Sistema:
    """One system; code that goes through all systems knows nothing else of it.

    `ajustes`: its settings class (see `variables`). `piezas` and `sagas`: make, from a process's container,
    its modules and what it adds to the orchestrator. `temas_publicos`: topics that others may read and write,
    with one message each in the contract's shape. `consumos`: public event → the topic and the subscription
    by which another of our modules reads it. `servicios`: a service comes after those that it calls.
    `demostracion`: starts sagas at the service `puerta` and shows them; True when all ended as expected.
    `datos_iniciales`: what `migrar` hands its modules each time, in order: the name of a piece, and a message
    whose handler changes nothing when it comes again. `formato_de_log`: the default of LOG_FORMATO in a
    process that serves this system alone.
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
    formato_de_log: str = JSON
    datos_iniciales: Callable[["Contenedor"], Iterable[tuple[str, object]]] = lambda _c: ()

"""A module as one object: all that a process, the simulator and a test need to put it to work."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.aplicacion.puntos import (
    DE_ENVIO,
    DE_LLAMADOR,
    DE_MARCA,
    DE_MODULO,
    DE_PLAZOS,
    DE_REINTENTO,
)
from aeropartners.seedwork.aplicacion.tareas import Tarea
from aeropartners.seedwork.aplicacion.vigilante import DespertarDe
from aeropartners.seedwork.infraestructura.almacen import Persistencia
from aeropartners.seedwork.infraestructura.proyecciones import Proyeccion
from aeropartners.seedwork.infraestructura.testigo import Testigo


@dataclass(frozen=True, slots=True)
class Llamada:
    """How a module calls out: the topic of its orders, who hears them, and what an order does.

    `tareas` is called when the caller is put to work: until then nobody needs the service that it calls.
    `puntos` name where a call may be cut off. `de` tells the callers of one module apart.
    """

    tema: str
    suscripcion: str
    tareas: Callable[[], Callable[[Sobre], Tarea]]
    puntos: tuple[str, ...] = ()
    de: str = ""


@dataclass(frozen=True, slots=True)
class Pieza:
    """One module: its name in a process, its table, its store, and what else it has.

    `despertar` is what its timers do with streams whose wake-up is due; `llamadas` its callers;
    `proyecciones` the totals that are kept of its streams; `testigo` how the auditor sees its effects.
    """

    nombre: str
    modulo: Modulo
    persistencia: Persistencia
    despertar: Callable[[Identificadores], DespertarDe] | None = None
    llamadas: Sequence[Llamada] = ()
    proyecciones: Sequence[Proyeccion] = ()
    testigo: Testigo | None = None


def puntos_de(piezas: Iterable[Pieza]) -> Iterator[str]:
    """Return the crash points that a process of these pieces may pass, its publisher and relay included."""
    yield from (f"{lugar}.{punto}" for lugar in ("publicador", "relevo") for punto in DE_ENVIO)
    for pieza in piezas:
        nombre = pieza.modulo.nombre
        yield from (f"{nombre}.{punto}" for punto in DE_MODULO)
        timbres = (*DE_REINTENTO, *(DE_PLAZOS if pieza.despertar else ()))
        yield from (f"{nombre}.vigilante.{punto}" for punto in timbres)
        for llamada in pieza.llamadas:
            yield from (f"{nombre}.llamador.{punto}" for punto in (*DE_MARCA, *DE_LLAMADOR))
            yield from llamada.puntos

"""A module as one object: all that a process, the simulator and a test need to put it to work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.aplicacion.tareas import Tarea
from aeropartners.seedwork.aplicacion.vigilante import DespertarDe
from aeropartners.seedwork.infraestructura.almacen import Persistencia
from aeropartners.seedwork.infraestructura.proyecciones import Proyeccion
from aeropartners.seedwork.infraestructura.testigo import Testigo


@dataclass(frozen=True, slots=True)
class Llamada:
    """How a module calls out: the topic of its orders, who hears them, and what an order does.

    `tareas` is called when the caller is put to work: until then nobody needs the service that it calls.
    `puntos` name where a call may be cut off.
    """

    tema: str
    suscripcion: str
    tareas: Callable[[], Callable[[Sobre], Tarea]]
    puntos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pieza:
    """One module: its name in a process, its table, its store, and what else it has.

    `despertar` is what its timers do with streams whose wake-up is due; `llamada` its caller;
    `proyecciones` the totals that are kept of its streams; `testigo` how the cotejo sees its effects.
    """

    nombre: str
    modulo: Modulo
    persistencia: Persistencia
    despertar: Callable[[Identificadores], DespertarDe] | None = None
    llamada: Llamada | None = None
    proyecciones: Sequence[Proyeccion] = ()
    testigo: Testigo | None = None

"""A module as one object: all that a process, the simulator and a test need to put it to work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.aplicacion.tareas import Tarea
from aeropartners.seedwork.aplicacion.vigilante import DespertarDe
from aeropartners.seedwork.infraestructura.almacen import AlmacenEventos, Persistencia
from aeropartners.seedwork.infraestructura.proyecciones import Proyeccion
from aeropartners.seedwork.infraestructura.testigo import Testigo


class SinTestigo(Exception):
    """A module hears topics, and nothing says where the cotejo finds what came of them."""


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

    def con_testigo(self) -> "Pieza":
        """Return it with a witness: its own, or the one that follows from its table; raises SinTestigo.

        One follows where one topic brings the commands and one kind of stream has a row, with its state,
        and nothing calls out. Which states stand no table tells: what such a module lost is found, what it
        did twice or left behind is not. A module that hears nobody needs none.
        """
        if self.testigo or not self.modulo.temas:
            return self
        temas = [tema for tema in self.modulo.temas if tema not in self.modulo.traductores]
        lecturas = self.persistencia.lecturas if isinstance(self.persistencia, AlmacenEventos) else {}
        filas = [(clase.tipo, li.tabla) for clase, li in lecturas.items() if "estado" in li.tabla.c]
        if self.llamada or len(temas) != 1 or len(filas) != 1 or len(self.modulo.agregados) != 1:
            raise SinTestigo(
                f"el módulo {self.nombre} oye temas, su pieza() no da `testigo` y de su tabla no sigue uno:"
                " `auditar` no sabría dónde están sus efectos y los daría por perdidos"
            )
        [tipo, tabla] = filas[0]
        restaura = f"restaure los eventos de {tipo} {{}}"
        testigo = Testigo(tipo, temas[0], self.modulo.suscripcion, tabla, frozenset(), restaura)
        return replace(self, testigo=testigo)

"""A module as one object: all that a process, the simulator and a test need to put it to work."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from aeropartners.seedwork.aplicacion.bucles.tareas import Tarea
from aeropartners.seedwork.aplicacion.bucles.vigilante import DespertarDe
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
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos, Persistencia
from aeropartners.seedwork.infraestructura.operacion.testigo import Testigo
from aeropartners.seedwork.infraestructura.totales.proyecciones import Proyeccion


class SinTestigo(Exception):
    """A module hears topics, and nothing says where the cotejo finds what came of them."""


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
    `proyecciones` the totals that are kept of its streams; `testigo` how the cotejo sees its effects.
    """

    nombre: str
    modulo: Modulo
    persistencia: Persistencia
    despertar: Callable[[Identificadores], DespertarDe] | None = None
    llamadas: Sequence[Llamada] = ()
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
        if self.llamadas or len(temas) != 1 or len(filas) != 1 or len(self.modulo.agregados) != 1:
            raise SinTestigo(
                f"el módulo {self.nombre} oye temas, su pieza() no da `testigo` y de su tabla no sigue uno:"
                " `auditar` no sabría dónde están sus efectos y los daría por perdidos"
            )
        [tipo, tabla] = filas[0]
        restaura = f"restaure los eventos de {tipo} {{}}"
        testigo = Testigo(tipo, temas[0], self.modulo.suscripcion, tabla, frozenset(), restaura)
        return replace(self, testigo=testigo)


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

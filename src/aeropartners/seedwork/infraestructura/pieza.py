"""A module as one object: all that a process, the simulator and a test need to run it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from aeropartners.seedwork.aplicacion.bucles.tareas import Tarea
from aeropartners.seedwork.aplicacion.bucles.vigilante import DespertarDe
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.aplicacion.puntos_de_choque import (
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
    """A module subscribes to topics, but the cotejo (search for lost effects) cannot see its effects."""


@dataclass(frozen=True, slots=True)
class Llamada:
    """One caller of a module: the topic and the subscription of its orders, and what an order does.

    `tareas` is called only when the caller starts, so that a process without it needs no settings of the
    called service. `puntos` are the crash points of a call. `de` distinguishes several callers of one module.
    """

    tema: str
    suscripcion: str
    tareas: Callable[[], Callable[[Sobre], Tarea]]
    puntos: tuple[str, ...] = ()
    de: str = ""


@dataclass(frozen=True, slots=True)
class Pieza:
    """One module: its name in a process, its table of handlers, its store, and its other parts.

    `despertar` is what its timers do with streams whose wake-up is due. `llamadas` are its callers.
    `proyecciones` are the totals over its streams. `testigo` shows its effects to the cotejo.
    """

    nombre: str
    modulo: Modulo
    persistencia: Persistencia
    despertar: Callable[[Identificadores], DespertarDe] | None = None
    llamadas: Sequence[Llamada] = ()
    proyecciones: Sequence[Proyeccion] = ()
    testigo: Testigo | None = None

    def con_testigo(self) -> "Pieza":
        """Return the piece with a `testigo`: its own, or one derived from its table; raises SinTestigo.

        A `testigo` can be derived if commands come by one topic, one kind of stream has a row with `estado`,
        and the module has no callers. A derived `testigo` does not know which states mean a lasting effect:
        it shows lost effects, but neither doubled effects nor those left behind. A module without topics
        needs none.
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
        testigo = Testigo(
            tipo,
            temas[0],
            self.modulo.suscripcion,
            tabla,
            frozenset(),
            restaura,
            consumidor=self.modulo.consumidor,
        )
        return replace(self, testigo=testigo)


class ConsumidorRepetido(Exception):
    """Two modules have the same consumer: each would take the other's messages for its own repeats."""


def por_nombre(piezas: Iterable[Pieza]) -> dict[str, Pieza]:
    """Return the pieces by name; raises ConsumidorRepetido."""
    todas = {pieza.nombre: pieza for pieza in piezas}
    vistos: dict[str, str] = {}
    for nombre, pieza in todas.items():
        suyo = pieza.modulo.consumidor
        if (otro := vistos.setdefault(suyo, nombre)) != nombre:
            raise ConsumidorRepetido(
                f"los módulos {otro} y {nombre} tienen el mismo consumidor, {suyo}: dé a uno un `consumidor`"
            )
    return todas


def puntos_de(piezas: Iterable[Pieza]) -> Iterator[str]:
    """Yield the crash points that a process with these pieces may pass, its publisher and relay included."""
    yield from (f"{lugar}.{punto}" for lugar in ("publicador", "relevo") for punto in DE_ENVIO)
    for pieza in piezas:
        nombre = pieza.modulo.nombre
        yield from (f"{nombre}.{punto}" for punto in DE_MODULO)
        timbres = (*DE_REINTENTO, *(DE_PLAZOS if pieza.despertar else ()))
        yield from (f"{nombre}.vigilante.{punto}" for punto in timbres)
        for llamada in pieza.llamadas:
            yield from (f"{nombre}.llamador.{punto}" for punto in (*DE_MARCA, *DE_LLAMADOR))
            yield from llamada.puntos

"""The calls to the data service: fetch the data of a report."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import count
from threading import Lock

from aeropartners.contratos.reporting import FormarReporte, RegistrarReporte
from aeropartners.modulos.reporting.aplicacion.puertos import (
    Datos,
    FuenteDatos,
    ServicioNoResponde,
    SinServicio,
)
from aeropartners.seedwork.aplicacion.bucles.tareas import Espera, Tarea
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.serializacion import Diccionario

CLAVES = 100
Clave = tuple[object, ...]
Fin = Datos | ServicioNoResponde | SinServicio


@dataclass(slots=True)
class _Consulta:
    """The last fetch for equal orders: at which turn it began, and its result."""

    cerrojo: Lock = field(default_factory=Lock)
    empezada: int = -1
    fin: Fin | None = None


class Generador:
    """Makes reports; equal orders share a fetch, unless the fetch began before the order came.

    So a batch of equal orders fetches once, and no report is older than its order or ignores an earlier
    switch of the data service. Safe from several threads.
    """

    def __init__(self, fuente: FuenteDatos) -> None:
        self._fuente = fuente
        self._llegadas = count()
        self._consultas: OrderedDict[Clave, _Consulta] = OrderedDict()
        self._mutex = Lock()

    def llegar(self) -> int:
        """Return a new turn number; an order takes one when it comes."""
        return next(self._llegadas)

    def formar(self, orden: FormarReporte, llegada: int) -> RegistrarReporte:
        """Return the message to commit: the report with its data, or the reason why there are none."""
        registrar = partial(RegistrarReporte, orden.id, orden.tipo, orden.filtros)
        match self._fin(orden, llegada):
            case Datos(datos, version):
                return registrar(datos, version)
            case error:
                return registrar(codigo=error.codigo, error=str(error))

    def _fin(self, orden: FormarReporte, llegada: int) -> Fin:
        consulta = self._consulta(clave_de(orden))
        with consulta.cerrojo:
            if consulta.fin is None or consulta.empezada < llegada:
                empezada = self.llegar()
                consulta.fin = self._traer(orden)
                consulta.empezada = empezada
            return consulta.fin

    def _traer(self, orden: FormarReporte) -> Fin:
        try:
            return self._fuente.obtener(orden.tipo, orden.filtros)
        except (ServicioNoResponde, SinServicio) as error:
            return error

    def _consulta(self, clave: Clave) -> _Consulta:
        with self._mutex:
            consulta = self._consultas.setdefault(clave, _Consulta())
            self._consultas.move_to_end(clave)
            if len(self._consultas) > CLAVES:
                self._consultas.popitem(last=False)
        return consulta


def clave_de(orden: FormarReporte) -> Clave:
    """Return the key of an order; orders with the same key are equal."""
    return orden.tipo, *sorted(orden.filtros.items())


@dataclass(frozen=True, slots=True)
class Formar(Tarea):
    """The task of one report: one call, shared by the equal orders of a batch."""

    orden: FormarReporte
    generador: Generador
    llegada: int

    def marca(self) -> object | None:
        return None

    def no_antes(self) -> datetime | None:
        return None

    @property
    def grupo(self) -> Clave:
        return clave_de(self.orden)

    def llamar(self, _marcado: object) -> Espera | object | None:
        return self.generador.formar(self.orden, self.llegada)


def tareas(fuente: FuenteDatos) -> Callable[[Sobre], Tarea]:
    """Return the function that makes the task of an order; it raises NoDescifrable for an unknown order."""
    diccionario = Diccionario((FormarReporte,))
    generador = Generador(fuente)

    def tarea(sobre: Sobre) -> Tarea:
        orden = diccionario.descifrar(sobre.tipo, sobre.version, bytes(sobre.cuerpo))
        assert isinstance(orden, FormarReporte)
        return Formar(orden, generador, generador.llegar())

    return tarea

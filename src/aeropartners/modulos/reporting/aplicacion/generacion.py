"""What the caller does for reports: fetch the data, and say what came of it."""

from collections.abc import Callable
from datetime import datetime

from aeropartners.contratos.reporting import FormarReporte, RegistrarReporte
from aeropartners.modulos.reporting.aplicacion.comandos import SIN_RESPUESTA
from aeropartners.modulos.reporting.aplicacion.puertos import FuenteDatos, ServicioNoResponde, SinServicio
from aeropartners.seedwork.aplicacion.llamador import Espera, Tarea
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.serializacion import Diccionario


def formar(orden: FormarReporte, fuente: FuenteDatos) -> RegistrarReporte:
    """Fetch the data of a request; a service that does not answer is a technical failure, not an error."""
    try:
        datos = fuente.obtener(orden.tipo, orden.filtros)
    except ServicioNoResponde as error:
        return RegistrarReporte(orden.id, orden.tipo, orden.filtros, codigo=SIN_RESPUESTA, error=str(error))
    except SinServicio as error:
        return RegistrarReporte(orden.id, orden.tipo, orden.filtros, codigo="SIN_SERVICIO", error=str(error))
    return RegistrarReporte(orden.id, orden.tipo, orden.filtros, datos.datos, datos.version)


class Formar:
    """One report: nothing to mark, one call."""

    def __init__(self, orden: FormarReporte, fuente: FuenteDatos) -> None:
        self._orden = orden
        self._fuente = fuente

    def marca(self) -> object | None:
        return None

    def no_antes(self) -> datetime | None:
        return None

    def llamar(self, _marcado: object) -> Espera | object | None:
        return formar(self._orden, self._fuente)


def tareas(fuente: FuenteDatos) -> Callable[[Sobre], Tarea]:
    """Return what an order does; raises NoDescifrable for one that is unknown."""
    diccionario = Diccionario((FormarReporte,))

    def tarea(sobre: Sobre) -> Tarea:
        orden = diccionario.descifrar(sobre.tipo, sobre.version, bytes(sobre.cuerpo))
        assert isinstance(orden, FormarReporte)
        return Formar(orden, fuente)

    return tarea

"""The module `reporting`: messages, handlers, store, routes and the caller of the data service."""

from collections.abc import Callable

from flask_smorest import Blueprint

from aeropartners.contratos.reporting import (
    SUSCRIPCION,
    SUSCRIPCION_LLAMADAS,
    TEMA_COMANDOS,
    TEMA_LLAMADAS,
    TEMA_MUERTOS,
)
from aeropartners.modulos.reporting.aplicacion import generacion
from aeropartners.modulos.reporting.aplicacion.comandos import MANEJADORES
from aeropartners.modulos.reporting.aplicacion.puertos import FuenteDatos
from aeropartners.modulos.reporting.dominio.reporte import Reporte
from aeropartners.modulos.reporting.dominio.servicio_datos import ServicioDatos
from aeropartners.modulos.reporting.infraestructura import api
from aeropartners.modulos.reporting.infraestructura.lecturas import (
    LECTURA,
    LECTURA_SERVICIO,
    LecturasReportes,
)
from aeropartners.modulos.reporting.infraestructura.testigo import TESTIGO
from aeropartners.seedwork.aplicacion.bucles.escritor import Escritor
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos
from aeropartners.seedwork.infraestructura.pieza import Llamada, Pieza
from aeropartners.seedwork.infraestructura.web.escritura import Escritura

NOMBRE = "reporting"
MODULO = Modulo(
    nombre=NOMBRE,
    suscripcion=SUSCRIPCION,
    temas=(TEMA_COMANDOS,),
    tema_muertos=TEMA_MUERTOS,
    manejadores=MANEJADORES,
    agregados=(Reporte, ServicioDatos),
)


def persistencia() -> AlmacenEventos:
    """Return the store of reports and of the choice of their data service."""
    return AlmacenEventos((Reporte, ServicioDatos), {Reporte: LECTURA, ServicioDatos: LECTURA_SERVICIO})


def pieza(fuente: Callable[[], FuenteDatos], puntos: tuple[str, ...] = ()) -> Pieza:
    """Return the module's `Pieza`; `puntos` are the crash points of this source's calls."""
    llamada = Llamada(TEMA_LLAMADAS, SUSCRIPCION_LLAMADAS, lambda: generacion.tareas(fuente()), puntos)
    return Pieza(NOMBRE, MODULO, persistencia(), llamadas=(llamada,), testigo=TESTIGO)


def rutas(
    escritor: Escritor, lecturas: LecturasReportes, ids: Identificadores, fuente: FuenteDatos
) -> list[Blueprint]:
    """Return the blueprints."""
    return [api.rutas(Escritura(escritor, NOMBRE, lecturas.motor), lecturas, ids, fuente)]

"""The table of the module: messages, handlers, routes, topics."""

from flask_smorest import Blueprint

from aeropartners.contratos.reporting import SUSCRIPCION, TEMA_COMANDOS, TEMA_MUERTOS
from aeropartners.modulos.reporting.aplicacion.comandos import MANEJADORES
from aeropartners.modulos.reporting.aplicacion.puertos import FuenteDatos
from aeropartners.modulos.reporting.dominio.reporte import Reporte, ServicioDatos
from aeropartners.modulos.reporting.infraestructura.api import rutas as _rutas
from aeropartners.modulos.reporting.infraestructura.lecturas import (
    LECTURA,
    LECTURA_SERVICIO,
    LecturasReportes,
)
from aeropartners.seedwork.aplicacion.escritor import Escritor
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.infraestructura.almacen import AlmacenEventos
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
    """Return how reports are stored."""
    lecturas = {Reporte: LECTURA, ServicioDatos: LECTURA_SERVICIO}
    return AlmacenEventos((Reporte, ServicioDatos), lecturas)


def rutas(
    escritor: Escritor, lecturas: LecturasReportes, ids: Identificadores, fuente: FuenteDatos
) -> list[Blueprint]:
    """Return the blueprints."""
    return [_rutas(Escritura(escritor, NOMBRE), lecturas, ids, fuente)]

"""The module `campanas`: messages, handlers, topics, store and routes; the example to copy."""

from flask_smorest import Blueprint

from aeropartners.contratos.campanas import (
    SUSCRIPCION,
    TEMA_COMANDOS,
    TEMA_MUERTOS,
    TEMA_PAGOS_EXITOSOS,
)
from aeropartners.modulos.campanas.aplicacion.comandos import CONSULTA_ACTIVAS, MANEJADORES
from aeropartners.modulos.campanas.aplicacion.publicos import publicos, traducir_pago
from aeropartners.modulos.campanas.dominio.campana import Campana
from aeropartners.modulos.campanas.infraestructura.api import RutasCampanas
from aeropartners.modulos.campanas.infraestructura.api import rutas as _rutas
from aeropartners.modulos.campanas.infraestructura.lecturas import LECTURA, LecturasCampanas, activas_de
from aeropartners.modulos.campanas.infraestructura.testigo import TESTIGO
from aeropartners.modulos.campanas.infraestructura.totales import TOTALES
from aeropartners.seedwork.aplicacion.bucles.escritor import Escritor
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.seedwork.infraestructura.web.escritura import Escritura, prefijo_gemelo
from aeropartners.seedwork.infraestructura.web.rutas.limpieza import Limpieza

NOMBRE = "campanas"
MODULO = Modulo(
    nombre=NOMBRE,
    suscripcion=SUSCRIPCION,
    temas=(TEMA_COMANDOS, TEMA_PAGOS_EXITOSOS),
    tema_muertos=TEMA_MUERTOS,
    manejadores=MANEJADORES,
    agregados=(Campana,),
    publicos=publicos,
    traductores={TEMA_PAGOS_EXITOSOS: traducir_pago},
)


def persistencia() -> AlmacenEventos:
    """Return the store of campaigns."""
    return AlmacenEventos((Campana,), {Campana: LECTURA}, {CONSULTA_ACTIVAS: activas_de}, aportes=TOTALES)


def pieza() -> Pieza:
    """Return the module's `Pieza`."""
    return Pieza(NOMBRE, MODULO, persistencia(), proyecciones=(TOTALES,), testigo=TESTIGO)


def limpieza(motor: Motor, permitida: bool) -> Limpieza:
    """Return the object that removes all campaigns."""
    return Limpieza(motor, permitida, LECTURA.tabla, Campana.tipo, TOTALES)


def rutas(escritor: Escritor, motor: Motor, ids: Identificadores, permitir_limpieza: bool) -> list[Blueprint]:
    """Return the blueprints."""
    limpiar = limpieza(motor, permitir_limpieza).todo
    casos = RutasCampanas(Escritura(escritor, NOMBRE, motor), LecturasCampanas(motor), ids, limpiar)
    segunda = prefijo_gemelo(_rutas("api_campaigns", "/api/campaigns", casos), "/api/campaigns", "/campaigns")
    return [_rutas("campaigns", "/campaigns", casos), segunda]

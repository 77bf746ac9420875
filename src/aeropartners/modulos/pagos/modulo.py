"""The module `pagos`: messages, handlers, store, routes and the caller of the gateway."""

from collections.abc import Callable

from flask_smorest import Blueprint

from aeropartners.contratos.pagos import (
    SUSCRIPCION,
    SUSCRIPCION_LLAMADAS,
    TEMA_COMANDOS,
    TEMA_LLAMADAS,
    TEMA_MUERTOS,
)
from aeropartners.modulos.pagos.aplicacion import cobros
from aeropartners.modulos.pagos.aplicacion.comandos import AMBITO, manejadores
from aeropartners.modulos.pagos.aplicacion.publicos import publicos
from aeropartners.modulos.pagos.aplicacion.puertos import PasarelaPago
from aeropartners.modulos.pagos.dominio.pago import Pago
from aeropartners.modulos.pagos.infraestructura.api import rutas_pagos
from aeropartners.modulos.pagos.infraestructura.lecturas import LECTURA, LecturasPagos
from aeropartners.modulos.pagos.infraestructura.testigo import TESTIGO
from aeropartners.modulos.pagos.infraestructura.totales import TOTALES
from aeropartners.seedwork.aplicacion.bucles.escritor import Escritor
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.pieza import Llamada, Pieza
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.rutas.limpieza import Limpieza

NOMBRE = "pagos"


def modulo(demora_s: float) -> Modulo:
    """Return the module; a payment stays PENDIENTE for `demora_s` at least."""
    return Modulo(
        nombre=NOMBRE,
        suscripcion=SUSCRIPCION,
        temas=(TEMA_COMANDOS,),
        tema_muertos=TEMA_MUERTOS,
        manejadores=manejadores(demora_s),
        agregados=(Pago,),
        publicos=publicos,
    )


def persistencia() -> AlmacenEventos:
    """Return the store of payments."""
    return AlmacenEventos((Pago,), {Pago: LECTURA}, aportes=TOTALES)


def pieza(demora_s: float, pasarela: Callable[[], PasarelaPago], puntos: tuple[str, ...] = ()) -> Pieza:
    """Return the module's `Pieza`; `puntos` are the crash points of this gateway's calls."""
    llamada = Llamada(TEMA_LLAMADAS, SUSCRIPCION_LLAMADAS, lambda: cobros.tareas(pasarela()), puntos)
    return Pieza(
        NOMBRE,
        modulo(demora_s),
        persistencia(),
        llamadas=(llamada,),
        proyecciones=(TOTALES,),
        testigo=TESTIGO,
    )


def limpieza(motor: Motor, permitida: bool) -> Limpieza:
    """Return the object that removes all payments."""
    return Limpieza(motor, permitida, LECTURA.tabla, Pago.tipo, TOTALES, ambitos=(AMBITO,))


def rutas(escritor: Escritor, motor: Motor, ids: Identificadores, permitir_limpieza: bool) -> list[Blueprint]:
    """Return the blueprints."""
    limpiar = limpieza(motor, permitir_limpieza).todo
    return [rutas_pagos(Escritura(escritor, NOMBRE, motor), LecturasPagos(motor), ids, limpiar)]

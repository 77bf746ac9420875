"""The module `pedidos`: messages, handlers, store and routes."""

from flask_smorest import Blueprint

from aeropartners.contratos.pedidos import SUSCRIPCION, TEMA_COMANDOS, TEMA_MUERTOS
from aeropartners.modulos.pedidos.aplicacion.comandos import MANEJADORES
from aeropartners.modulos.pedidos.dominio.pedido import Pedido
from aeropartners.modulos.pedidos.infraestructura import api
from aeropartners.modulos.pedidos.infraestructura.lecturas import LECTURA, LecturasPedidos
from aeropartners.modulos.pedidos.infraestructura.respuestas import PEDIDO
from aeropartners.modulos.pedidos.infraestructura.testigo import TESTIGO
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.pieza import Pieza

NOMBRE = "pedidos"
__all__ = ["MODULO", "NOMBRE", "PEDIDO", "LecturasPedidos", "persistencia", "pieza", "rutas"]
MODULO = Modulo(
    nombre=NOMBRE,
    suscripcion=SUSCRIPCION,
    temas=(TEMA_COMANDOS,),
    tema_muertos=TEMA_MUERTOS,
    manejadores=MANEJADORES,
    agregados=(Pedido,),
)


def persistencia() -> AlmacenEventos:
    """Return the store of orders."""
    return AlmacenEventos((Pedido,), {Pedido: LECTURA})


def pieza() -> Pieza:
    """Return the module's `Pieza`."""
    return Pieza(NOMBRE, MODULO, persistencia(), testigo=TESTIGO)


def rutas(motor: Motor) -> list[Blueprint]:
    """Return the blueprints."""
    return [api.rutas(api.RutasPedidos(LecturasPedidos(motor)))]

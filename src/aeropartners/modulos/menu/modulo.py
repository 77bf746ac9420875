"""The module `menu`: messages, handlers, store and routes."""

from flask_smorest import Blueprint

from aeropartners.contratos.menu import SUSCRIPCION, TEMA_COMANDOS, TEMA_MUERTOS
from aeropartners.modulos.menu.aplicacion.catalogo_inicial import NUMEROS, abrir_catalogo
from aeropartners.modulos.menu.aplicacion.comandos import MANEJADORES
from aeropartners.modulos.menu.dominio.catalogo import Catalogo, Categoria
from aeropartners.modulos.menu.dominio.producto import Producto, producto_de
from aeropartners.modulos.menu.infraestructura import api
from aeropartners.modulos.menu.infraestructura.lecturas import LECTURAS, LecturasMenu
from aeropartners.modulos.menu.infraestructura.testigo import TESTIGO
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.pieza import Pieza

NOMBRE = "menu"
__all__ = ["MODULO", "NOMBRE", "NUMEROS", "abrir_catalogo", "persistencia", "pieza", "producto_de", "rutas"]
MODULO = Modulo(
    nombre=NOMBRE,
    suscripcion=SUSCRIPCION,
    temas=(TEMA_COMANDOS,),
    tema_muertos=TEMA_MUERTOS,
    manejadores=MANEJADORES,
    agregados=(Producto, Categoria, Catalogo),
)


def persistencia() -> AlmacenEventos:
    """Return the store of the menu."""
    return AlmacenEventos(MODULO.agregados, LECTURAS)


def pieza() -> Pieza:
    """Return the module's `Pieza`."""
    return Pieza(NOMBRE, MODULO, persistencia(), testigo=TESTIGO)


def rutas(motor: Motor) -> list[Blueprint]:
    """Return the blueprints."""
    return [api.rutas(api.RutasMenu(LecturasMenu(motor)))]

"""The table of the toy module."""

from aeropartners.contratos.saludos import SUSCRIPCION, TEMA_COMANDOS, TEMA_MUERTOS
from aeropartners.modulos.saludos.aplicacion.comandos import MANEJADORES
from aeropartners.modulos.saludos.dominio.saludo import Saludo
from aeropartners.modulos.saludos.infraestructura.lecturas import LECTURA

from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos
from aeropartners.seedwork.infraestructura.pieza import Pieza

NOMBRE = "saludos"
MODULO = Modulo(
    nombre=NOMBRE,
    suscripcion=SUSCRIPCION,
    temas=(TEMA_COMANDOS,),
    tema_muertos=TEMA_MUERTOS,
    manejadores=MANEJADORES,
    agregados=(Saludo,),
)


def pieza() -> Pieza:
    """Return all that the module is; its witness follows from its table."""
    return Pieza(NOMBRE, MODULO, AlmacenEventos((Saludo,), {Saludo: LECTURA}))

"""The module `alianzas`: messages, handlers, store and routes; its topics are the contract's own."""

from flask_smorest import Blueprint

from aeropartners.contratos.alianzas import SUSCRIPCION, TEMA_COMANDOS, TEMA_MUERTOS
from aeropartners.modulos.alianzas.aplicacion.comandos import manejadores
from aeropartners.modulos.alianzas.aplicacion.entrada import traducir
from aeropartners.modulos.alianzas.aplicacion.propuestas import PorDefecto
from aeropartners.modulos.alianzas.aplicacion.publicos import publicos
from aeropartners.modulos.alianzas.dominio.contrato import Contrato
from aeropartners.modulos.alianzas.infraestructura import api
from aeropartners.modulos.alianzas.infraestructura.lecturas import LECTURA, LecturasContratos
from aeropartners.modulos.alianzas.infraestructura.testigo import TESTIGO
from aeropartners.seedwork.aplicacion.bucles.escritor import Escritor
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.seedwork.infraestructura.web.escritura import Escritura

NOMBRE = "alianzas"
__all__ = ["PorDefecto", "modulo", "persistencia", "pieza", "rutas"]


def modulo(defecto: PorDefecto) -> Modulo:
    """Return the module; `defecto` are the defaults of a contract."""
    return Modulo(
        nombre=NOMBRE,
        suscripcion=SUSCRIPCION,
        temas=(TEMA_COMANDOS,),
        tema_muertos=TEMA_MUERTOS,
        manejadores=manejadores(defecto),
        agregados=(Contrato,),
        publicos=publicos,
        traductores={TEMA_COMANDOS: traducir},
    )


def persistencia() -> AlmacenEventos:
    """Return the store of contracts."""
    return AlmacenEventos((Contrato,), {Contrato: LECTURA})


def pieza(defecto: PorDefecto) -> Pieza:
    """Return the module's `Pieza`."""
    return Pieza(NOMBRE, modulo(defecto), persistencia(), testigo=TESTIGO)


def rutas(escritor: Escritor, motor: Motor, ids: Identificadores) -> list[Blueprint]:
    """Return the blueprints."""
    return [api.rutas(api.RutasContratos(Escritura(escritor, NOMBRE, motor), LecturasContratos(motor), ids))]

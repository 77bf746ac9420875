"""The module `partners`: messages, handlers, store and routes; it is called over HTTP only."""

from typing import Any

import httpx
from flask_smorest import Blueprint

from aeropartners.contratos.partners import SUSCRIPCION, TEMA_MUERTOS
from aeropartners.modulos.partners.aplicacion.comandos import MANEJADORES
from aeropartners.modulos.partners.aplicacion.publicos import publicos
from aeropartners.modulos.partners.dominio.partner import Partner
from aeropartners.modulos.partners.infraestructura import api, respuestas, sagas
from aeropartners.modulos.partners.infraestructura.almacen import AlmacenPartners
from aeropartners.modulos.partners.infraestructura.lecturas import LecturasPartners
from aeropartners.modulos.partners.infraestructura.testigo import TESTIGO
from aeropartners.modulos.partners.infraestructura.totales import TOTALES
from aeropartners.seedwork.aplicacion.bucles.escritor import Escritor
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.puertos import Identificadores
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.seedwork.infraestructura.web.escritura import Escritura

NOMBRE = "partners"
LISTA = respuestas.PAGINA
MODULO = Modulo(
    nombre=NOMBRE,
    suscripcion=SUSCRIPCION,
    temas=(),
    tema_muertos=TEMA_MUERTOS,
    manejadores=MANEJADORES,
    agregados=(Partner,),
    publicos=publicos,
)


def persistencia() -> AlmacenPartners:
    """Return the store of partners."""
    return AlmacenPartners(TOTALES)


def pieza() -> Pieza:
    """Return the module's `Pieza`."""
    return Pieza(NOMBRE, MODULO, persistencia(), proyecciones=(TOTALES,), testigo=TESTIGO)


def rutas(
    escritor: Escritor, motor: Motor, ids: Identificadores, orquestador: httpx.Client, saga: dict[str, Any]
) -> list[Blueprint]:
    """Return the blueprints; `orquestador` is a client of the orchestrator, `saga` its schema of a saga."""
    casos = api.RutasPartners(Escritura(escritor, NOMBRE, motor), LecturasPartners(motor), ids)
    return [api.rutas(casos), sagas.rutas(sagas.SagasDePartners(orquestador), saga)]

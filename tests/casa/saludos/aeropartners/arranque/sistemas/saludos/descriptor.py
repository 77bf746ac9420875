"""The descriptor of the toy system."""

import uuid
from typing import TYPE_CHECKING, Any

import httpx
from aeropartners.arranque.sistemas.saludos.ajustes import AjustesSaludos
from aeropartners.modulos.saludos import modulo as saludos
from flask import Flask, Response, jsonify
from flask_smorest import Blueprint
from marshmallow import fields
from rich.console import Console
from saga_orchestrator.sistemas.saludos.definicion import TIPO, saludo_doble
from saga_orchestrator.sistemas.saludos.sagas import sagas

from aeropartners.arranque.consola.seguimiento import pedir, seguir
from aeropartners.arranque.servicio import Servicio
from aeropartners.arranque.sistemas.sistema import Sistema
from aeropartners.contratos.saga import IniciarSaga
from aeropartners.seedwork.aplicacion.formularios import Esquema, Texto
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.openapi.documento import una_de
from aeropartners.seedwork.infraestructura.web.rutas.salud import rutas_salud
from saga_orchestrator.infraestructura.rest import respuestas
from saga_orchestrator.modulo import NOMBRE as SAGA

if TYPE_CHECKING:
    from aeropartners.arranque.proceso.procesos import Proceso

NOMBRE = "saludos"
FINALES = {"COMPLETADA", "FALLIDA", "COMPENSADA"}


class _Inicio(Esquema):
    """The body of a start."""

    brindis = Texto(required=True)
    veces = fields.Integer(load_default=1)


def app(proceso: "Proceso") -> Flask:
    """Its one service: the start of its saga."""
    c, b = proceso.c, Blueprint("saludos", __name__, url_prefix="/saludos", description="Saludos")
    escritura = Escritura(proceso.escritores[SAGA], NOMBRE, c.motor())
    lecturas = c.lecturas_saga()

    def iniciar(cuerpo: dict[str, Any]) -> Response:
        """Start one."""
        datos = {"saludo": proceso.config.de(AjustesSaludos).saludo, "brindis": cuerpo["brindis"]}
        mensaje = IniciarSaga(c.ids().nuevo(), TIPO, datos, 30)
        id = mensaje.saga_id
        return escritura.hacer(mensaje, id, lambda _d: {"saga_id": str(id)}, saga_id=id, estado=202)

    def ver(saga_id: str) -> Any:
        """Look at one."""
        return jsonify(lecturas.una(uuid.UUID(saga_id), (TIPO,)))

    iniciada = b.response(202, respuestas.objeto(saga_id=respuestas.ID))
    b.post("/")(exige(Permiso.CREAR)(iniciada(b.arguments(_Inicio)(iniciar))))
    estados = saludo_doble(c.config().ajustes_de_sagas).todos_los_estados
    vista = b.response(200, respuestas.saga(una_de(estados), una_de((TIPO,))))
    b.get("/<saga_id>")(exige(Permiso.LEER)(vista(ver)))
    return proceso.app("Saludos", [b, rutas_salud(NOMBRE, c.motor(), proceso.averias)])


def demostracion(cliente: httpx.Client, consola: Console) -> bool:
    """One that is said, and one that is taken back."""
    textos = {"salud": "COMPLETADA", "FALLA": "COMPENSADA"}
    ids = {
        pedir(cliente, "POST", "/saludos/", json={"brindis": t})["saga_id"]: fin for t, fin in textos.items()
    }
    vistas = seguir(
        consola,
        lambda: [pedir(cliente, "GET", f"/saludos/{id}") for id in ids],
        lambda saga: f"{saga['saga_id']} {saga['estado']}",
        lambda saga: saga["estado"] in FINALES,
    )
    return {v["saga_id"]: v["estado"] for v in vistas} == ids


SISTEMA = Sistema(
    nombre=NOMBRE,
    ajustes=AjustesSaludos,
    piezas=lambda _c: (saludos.pieza(),),
    sagas=lambda c: sagas(c.config().ajustes_de_sagas),
    temas_publicos=frozenset(),
    # Its contract wants the campaigns' port: it moves.
    servicios=(Servicio(NOMBRE, "api", (SAGA, "saludos"), lambda p, _: app(p), 8000),),
    puerta="saludos-api",
    demostracion=demostracion,
)

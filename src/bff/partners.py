"""The BFF of partners (004, section 6): forwards requests, validates and stores nothing."""

from collections.abc import Callable
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema
from werkzeug.exceptions import ServiceUnavailable

from bff import esquemas_partners as e
from bff.cliente import ClienteOrquestador, OrquestadorCaido
from bff.ruta_de_inicio import Decorador, inicio

Exige = Callable[[str], Callable[[Callable[..., Any]], Callable[..., Any]]]
COMANDO = "/api/v1/saga/comando-crear-partner"


class SagaNoDisponible(ServiceUnavailable):
    """The orchestrator does not answer (503)."""

    codigo = "SAGA_NO_DISPONIBLE"
    description = "El orquestador de SAGAs no responde; intente de nuevo"


class IntegracionesNoDisponible(ServiceUnavailable):
    """The service of partners does not answer (503)."""

    codigo = "SERVICIO_NO_DISPONIBLE"
    description = "Gestión de integraciones no responde; intente de nuevo"


def rutas(
    orquestador: ClienteOrquestador,
    integraciones: ClienteOrquestador,
    exige: Exige,
    con_clave: Decorador,
    contestado: e.Contestado,
    partners_contestados: e.Objeto,
    formulario: Schema,
) -> Blueprint:
    """Return the blueprint; `exige(permiso)` is the decorator of the permission that a view needs.

    `con_clave` marks a view that takes an `Idempotency-Key`. `contestado` is how the orchestrator's answers
    look, `partners_contestados` the list of integraciones, `formulario` what the orchestrator asks of a
    start.
    """
    b = Blueprint("bff_partners", __name__, description="Partners")

    @b.get("/ping")
    @exige("abierto")
    @b.response(200, e.TEXTO, content_type="text/plain")
    def ping() -> Response:
        """Answer `pong` while the process serves."""
        return Response("pong", mimetype="text/plain")

    @b.get("/api/v1/partners/")
    @exige("leer")
    @b.response(200, partners_contestados)
    @b.doc(parameters=e.CONSULTA)
    def lista() -> Response:
        """List partners; the answer of integraciones is passed on unchanged."""
        return _pasar(integraciones, request.path, IntegracionesNoDisponible)

    @b.post("/api/v1/partners/")
    @exige("crear")
    @inicio(b, con_clave, 202, contestado.MANDADA)
    @b.doc(requestBody={"content": {"application/json": {"schema": formulario}}, "required": True})
    def iniciar() -> Response:
        """Forward a ComandoCrearPartner to the orchestrator, which stores and publishes it."""
        return _pasar(orquestador, COMANDO, SagaNoDisponible)

    @b.get("/api/v1/saga/status/<saga_id>")
    @exige("leer")
    @b.response(200, contestado.ESTADO)
    def estado(saga_id: str) -> Response:
        """Return a saga."""
        return _pasar(orquestador, request.path, SagaNoDisponible)

    return b


def _pasar(cliente: ClienteOrquestador, ruta: str, caido: Callable[..., Any]) -> Response:
    try:
        return cliente.reenviar(ruta)
    except OrquestadorCaido as error:
        raise caido() from error

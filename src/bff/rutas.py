"""The routes of /saga, the same on the BFF and on the main application."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g, jsonify, request
from flask_smorest import Blueprint
from marshmallow import Schema

from bff import esquemas
from bff.cliente import ClienteOrquestador, OrquestadorCaido
from bff.esquemas import Contestado, consulta
from bff.ruta_de_inicio import Decorador, inicio

REINTENTAR_EN_S = "5"
Exige = Callable[[str], Callable[[Callable[..., Any]], Callable[..., Any]]]
ORDENES = ("reintentar", "omitir", "cerrar", "cancelar")


def rutas(
    cliente: ClienteOrquestador,
    exige: Exige,
    con_clave: Decorador,
    contestado: Contestado,
    formulario: Schema,
) -> Blueprint:
    """Return the blueprint; everything but form and role is judged by the orchestrator.

    `exige(permiso)` marks what a view needs, `con_clave` that it takes an `Idempotency-Key`; `contestado` is
    how the orchestrator's answers look, `formulario` what it asks of a start.
    """
    saga = Blueprint("saga", __name__, url_prefix="/saga", description="Sagas de campañas")
    reenviar = _reenviador(cliente)

    @saga.post("/crear-campana-completa")
    @exige("crear")
    @inicio(saga, con_clave, 200, contestado.INICIADA)
    @_con_clave_no_se_juzga(reenviar)
    @saga.arguments(formulario)
    def iniciar(_cuerpo: dict[str, Any]) -> Response:
        """Start a complete campaign; idempotent by `Idempotency-Key`."""
        return reenviar()

    @saga.get("/")
    @exige("leer")
    @saga.response(200, contestado.PAGINA)
    @saga.doc(parameters=consulta(contestado.SAGA))
    def lista() -> Response:
        """List sagas, newest first."""
        return reenviar()

    @saga.get("/health")
    @exige("abierto")
    @saga.response(200, esquemas.SALUD)
    def salud() -> Response:
        """Tell whether the saga API answers."""
        return jsonify({"status": "healthy", "service": "saga"})

    @saga.get("/<saga_id>/status")
    @exige("leer")
    @saga.response(200, contestado.SAGA)
    def estado(saga_id: str) -> Response:
        """Return the status of a saga."""
        return reenviar()

    _limpieza(saga, exige("administrar"), reenviar, contestado)
    _ordenes(saga, exige("cambiar"), reenviar, contestado)
    return saga


def _ordenes(
    saga: Blueprint, cambiar: Decorador, reenviar: Callable[[], Response], contestado: Contestado
) -> None:
    for orden in ORDENES:
        documentada = saga.doc(requestBody=esquemas.CUERPO_ORDEN)(_orden(orden, reenviar))
        aceptada = saga.response(202, contestado.ORDENADA)(documentada)
        saga.post(f"/<saga_id>/{orden}", endpoint=orden)(cambiar(aceptada))


def _limpieza(
    saga: Blueprint,
    administrar: Decorador,
    reenviar: Callable[[], Response],
    contestado: Contestado,
) -> None:
    @saga.delete("/cleanup")
    @administrar
    @saga.response(200, contestado.LIMPIEZA)
    def limpiar() -> Response:
        """Remove ended sagas (cleanup route)."""
        return reenviar()

    @saga.delete("/cleanup-all")
    @administrar
    @saga.response(200, contestado.LIMPIEZA_TOTAL)
    def limpiar_todo() -> Response:
        """Remove sagas, campaigns and payments (cleanup route)."""
        return reenviar()

    @saga.delete("/<saga_id>")
    @administrar
    @saga.response(200, contestado.BORRADA)
    def borrar(saga_id: str) -> Response:
        """Remove an ended saga (cleanup route)."""
        return reenviar()


def _con_clave_no_se_juzga(reenviar: Callable[[], Response]) -> Callable[[Callable[..., Any]], Any]:
    """Forward a request with an `Idempotency-Key` unchecked: its answer may be stored already."""

    def elegir(vista: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(vista)
        def elegida() -> Any:
            return reenviar() if "Idempotency-Key" in request.headers else vista()

        return elegida

    return elegir


def _orden(orden: str, reenviar: Callable[[], Response]) -> Callable[..., Response]:
    def ordenar(saga_id: str) -> Response:
        return reenviar()

    ordenar.__name__ = orden
    ordenar.__doc__ = f"Operator's order: {orden}."
    return ordenar


def _reenviador(cliente: ClienteOrquestador) -> Callable[[], Response]:
    def reenviar() -> Response:
        g.anotada = True  # the orchestrator writes the audit row
        try:
            return cliente.reenviar(request.path)
        except OrquestadorCaido:
            caido = jsonify({"detail": "El orquestador no responde; intente de nuevo"})
            caido.status_code = 503
            caido.headers["Retry-After"] = REINTENTAR_EN_S
            return caido

    return reenviar

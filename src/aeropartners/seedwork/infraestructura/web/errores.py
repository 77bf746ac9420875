"""The one table from error codes to HTTP answers, and the bodies of the contract (001, section 1)."""

from typing import Any

import structlog
from flask import Flask, Response, jsonify
from marshmallow import ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from aeropartners.seedwork.aplicacion.admision import DemasiadasPeticiones
from aeropartners.seedwork.aplicacion.escritor import Saturado
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida, ConflictoPersistente, Contestacion
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.web.rechazos import Rechazos

log = structlog.get_logger(__name__)

ESTADOS = {
    "NO_ENCONTRADO": 404,
    "NO_PERMITIDO": 403,
    "DUPLICADO": 409,
    "CLAVE_REUTILIZADA": 409,
    "CONFLICTO_DE_ESTADO": 409,
}
MENSAJES = {
    404: "Ruta no encontrada",
    405: "Método no permitido",
    413: "Cuerpo demasiado grande",
    414: "Dirección demasiado larga",
    431: "Cabeceras demasiado grandes",
    500: "Error interno del servidor",
    501: "Codificación de transferencia no admitida",
}
REINTENTAR_EN_S = "5"


class NoDisponible(Exception):
    """A neighbour that the answer needs does not answer."""


def contestar_error(error: ErrorDeDominio) -> Contestacion:
    """Return the answer for a broken rule; every code that is not in the table is a 400."""
    return Contestacion(ESTADOS.get(error.codigo, 400), {"detail": error.mensaje})


def detalles(mensajes: Any, lugar: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Flatten marshmallow's messages into `[{loc, msg, type}]`."""
    if isinstance(mensajes, dict):
        return [d for clave, valor in mensajes.items() for d in detalles(valor, (*lugar, str(clave)))]
    textos = mensajes if isinstance(mensajes, list) else [mensajes]
    return [{"loc": list(lugar) or ["body"], "msg": str(t), "type": "value_error"} for t in textos]


def registrar(app: Flask) -> None:
    """Install the handlers: always JSON, never a stack trace, a caller's mistake is never a 5xx."""

    @app.errorhandler(ErrorDeDominio)
    def regla(error: ErrorDeDominio) -> tuple[Response, int]:
        contestacion = contestar_error(error)
        return jsonify(contestacion.cuerpo), contestacion.estado

    @app.errorhandler(ValidationError)
    def esquema(error: ValidationError) -> tuple[Response, int]:
        return jsonify({"detail": detalles(error.messages)}), 400

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[Response, int]:
        codigo = error.code or 500
        if codigo == 422:
            mensajes = getattr(error, "data", {}).get("messages", {})
            return jsonify({"detail": detalles(mensajes)}), 400
        if codigo == 400:
            return jsonify(
                {"detail": [{"loc": ["body"], "msg": "JSON inválido", "type": "value_error"}]}
            ), 400
        return jsonify({"detail": MENSAJES.get(codigo, error.description or error.name)}), codigo

    rechazos = app.extensions["rechazos"] = Rechazos()

    @app.errorhandler(DemasiadasPeticiones)
    def demasiadas(error: DemasiadasPeticiones) -> tuple[Response, int]:
        rechazos.contar(error.motivo)  # no log line: a flood has no time for them
        respuesta = jsonify({"detail": str(error)})
        respuesta.headers["Retry-After"] = str(error.espera_s)
        return respuesta, 429

    for indisponible in (NoDisponible, Saturado, ConexionPerdida, OperationalError, ConflictoPersistente):
        app.register_error_handler(indisponible, _no_disponible)

    @app.errorhandler(Exception)
    def defecto(error: Exception) -> tuple[Response, int]:
        log.error("error_interno", exc_info=error)
        return jsonify({"detail": f"Error interno del servidor: {type(error).__name__}"}), 500


def _no_disponible(error: Exception) -> tuple[Response, int]:
    log.warning("no_disponible", error=str(error))
    respuesta = jsonify({"detail": "Servicio no disponible; intente de nuevo"})
    respuesta.headers["Retry-After"] = REINTENTAR_EN_S
    return respuesta, 503

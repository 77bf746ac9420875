"""The one table from error codes to HTTP answers, and the bodies of the contract (001, section 1)."""

from typing import Any

import structlog
from flask import Flask, Response, current_app, jsonify
from marshmallow import ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from aeropartners.seedwork.aplicacion.admision import DemasiadasPeticiones
from aeropartners.seedwork.aplicacion.escritor import Saturado
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida, ConflictoPersistente, Contestacion
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.web.formas import Dicho, Forma, forma_de
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
    401: "Falta una clave válida: X-API-Key, o Authorization: Bearer",
    403: "Su rol no permite esta operación",
    404: "Ruta no encontrada",
    405: "Método no permitido",
    413: "Cuerpo demasiado grande",
    414: "Dirección demasiado larga",
    431: "Cabeceras demasiado grandes",
    500: "Error interno del servidor",
    501: "Codificación de transferencia no admitida",
}
CODIGOS = {
    400: "DATOS_INVALIDOS",
    401: "NO_AUTENTICADO",
    403: "NO_AUTORIZADO",
    404: "RUTA_NO_ENCONTRADA",
    405: "METODO_NO_PERMITIDO",
    429: "DEMASIADAS_PETICIONES",
    503: "NO_DISPONIBLE",
}
REINTENTAR_EN_S = "5"
ESQUEMAS = 'Bearer realm="aeropartners", ApiKey realm="aeropartners", header="X-API-Key"'


class NoDisponible(Exception):
    """A neighbour that the answer needs does not answer."""


class NoAutenticado(Exception):
    """The caller did not say who it is, or nobody knows it."""


class NoAutorizado(Exception):
    """The caller's role does not allow this."""


def contestar_error(error: ErrorDeDominio, forma: Forma) -> Contestacion:
    """Return the answer for a broken rule; every code that is in no table is a 400."""
    estado = forma.estados.get(error.codigo) or ESTADOS.get(error.codigo, 400)
    return Contestacion(estado, forma.cuerpo(estado, error.codigo, error.mensaje))


def decir(estado: int, dicho: Dicho | None = None, codigo: str | None = None) -> Response:
    """Return a refusal in the shape of the application that is asked."""
    palabras = dicho or MENSAJES.get(estado, "Petición rechazada")
    cuerpo = forma_de(current_app).cuerpo(estado, codigo or codigo_de(estado), palabras)
    respuesta = jsonify(cuerpo)
    respuesta.status_code = estado
    return respuesta


def codigo_de(estado: int) -> str:
    """Return the code of a status that no rule gave one."""
    return CODIGOS.get(estado, "ERROR_INTERNO" if estado >= 500 else "DATOS_INVALIDOS")


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
        contestacion = contestar_error(error, forma_de(app))
        return jsonify(contestacion.cuerpo), contestacion.estado

    @app.errorhandler(ValidationError)
    def esquema(error: ValidationError) -> Response:
        return decir(400, detalles(error.messages))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        codigo = error.code or 500
        if codigo == 422:
            return decir(400, detalles(getattr(error, "data", {}).get("messages", {})))
        if codigo == 400:
            return decir(400, [{"loc": ["body"], "msg": "JSON inválido", "type": "value_error"}])
        return decir(codigo, MENSAJES.get(codigo, error.description or error.name))

    _de_acceso(app)
    rechazos = app.extensions["rechazos"] = Rechazos()

    @app.errorhandler(DemasiadasPeticiones)
    def demasiadas(error: DemasiadasPeticiones) -> Response:
        rechazos.contar(error.motivo)  # no log line: a flood has no time for them
        respuesta = decir(429, str(error))
        respuesta.headers["Retry-After"] = str(error.espera_s)
        return respuesta

    for indisponible in (NoDisponible, Saturado, ConexionPerdida, OperationalError, ConflictoPersistente):
        app.register_error_handler(indisponible, _no_disponible)

    @app.errorhandler(Exception)
    def defecto(error: Exception) -> Response:
        log.error("error_interno", exc_info=error)
        return decir(500, f"Error interno del servidor: {type(error).__name__}")


def _de_acceso(app: Flask) -> None:
    @app.errorhandler(NoAutenticado)
    def desconocido(_error: NoAutenticado) -> Response:
        respuesta = decir(401)
        respuesta.headers["WWW-Authenticate"] = ESQUEMAS
        return respuesta

    @app.errorhandler(NoAutorizado)
    def prohibido(_error: NoAutorizado) -> Response:
        return decir(403)


def _no_disponible(error: Exception) -> Response:
    log.warning("no_disponible", error=str(error)[:300])
    respuesta = decir(503, "Servicio no disponible; intente de nuevo")
    respuesta.headers["Retry-After"] = REINTENTAR_EN_S
    return respuesta

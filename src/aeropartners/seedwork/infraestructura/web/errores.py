"""The error handlers: each error becomes an answer in the form of the application's system."""

from collections.abc import Sequence
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, request
from marshmallow import ValidationError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from aeropartners.seedwork.aplicacion.admision import DemasiadasPeticiones
from aeropartners.seedwork.aplicacion.bucles.escritor import Saturado
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida, Conflicto, ConflictoPersistente
from aeropartners.seedwork.aplicacion.serializacion import VersionDesconocida
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.web.formas_de_error import Falta, FormaDeError, saga_actual
from aeropartners.seedwork.infraestructura.web.rechazos import Rechazos

log = structlog.get_logger(__name__)

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
    503: "Servicio no disponible; intente de nuevo",
}
CODIGOS = {
    400: "DATOS_INVALIDOS",
    401: "NO_AUTENTICADO",
    403: "NO_AUTORIZADO",
    404: "RUTA_NO_ENCONTRADA",
    405: "METODO_NO_PERMITIDO",
    413: "CUERPO_DEMASIADO_GRANDE",
    429: "DEMASIADAS_PETICIONES",
    503: "SERVICIO_NO_DISPONIBLE",
}
REINTENTAR_EN_S = "5"
ESQUEMAS = 'Bearer realm="aeropartners", ApiKey realm="aeropartners", header="X-API-Key"'
JSON_INVALIDO = {"loc": ["body"], "msg": "JSON inválido", "type": "value_error"}


class NoDisponible(Exception):
    """Another service that is needed for the answer does not answer."""


class NoAutenticado(Exception):
    """The request carries no valid key or token."""


class NoAutorizado(Exception):
    """The caller's role does not allow this operation."""


def detalles(mensajes: Any, lugar: tuple[str, ...] = ()) -> list[Falta]:
    """Flatten marshmallow's messages into `[{loc, msg, type}]`."""
    if isinstance(mensajes, dict):
        return [d for clave, valor in mensajes.items() for d in detalles(valor, (*lugar, str(clave)))]
    textos = mensajes if isinstance(mensajes, list) else [mensajes]
    return [{"loc": list(lugar) or ["body"], "msg": str(t), "type": "value_error"} for t in textos]


def codigo_de(estado: int) -> str:
    """Return the error code of a refusal that has only a status."""
    return CODIGOS.get(estado, "ERROR_INTERNO" if estado >= 500 else "DATOS_INVALIDOS")


class Contestador:
    """Writes error answers in the form of one application."""

    def __init__(self, forma: FormaDeError) -> None:
        self.forma = forma

    def decir(
        self, estado: int, mensaje: str, faltas: Sequence[Falta] = (), codigo: str | None = None
    ) -> Response:
        """Return the answer with this status and text."""
        cuerpo = self.forma.cuerpo(codigo or codigo_de(estado), mensaje, faltas, saga_actual())
        respuesta = jsonify(cuerpo)
        respuesta.status_code = estado
        return respuesta

    def regla(self, error: ErrorDeDominio) -> Response:
        """Answer a broken rule of the domain."""
        contestacion = self.forma.contestar(error, saga_actual())
        respuesta = jsonify(contestacion.cuerpo)
        respuesta.status_code = contestacion.estado
        return respuesta

    def esquema(self, error: ValidationError) -> Response:
        """Answer a body or a query of the wrong form."""
        return self._mal_formada("Datos inválidos", detalles(error.messages))

    def http(self, error: HTTPException) -> Response:
        """Answer an error of Flask or werkzeug."""
        estado = error.code or 500
        if estado == 422:
            faltas = detalles(getattr(error, "data", {}).get("messages", {}))
            return self._mal_formada("Datos inválidos", faltas)
        if estado == 400:
            return self._mal_formada("JSON inválido", [JSON_INVALIDO])
        propio = getattr(error, "codigo", None) and error.description
        mensaje = propio or MENSAJES.get(estado, error.description or error.name)
        respuesta = self.decir(estado, mensaje, codigo=getattr(error, "codigo", None))
        # The body is ours; the framework's headers, such as `Allow` of a 405, stay.
        for nombre, valor in error.get_headers(request.environ):
            if nombre != "Content-Type":
                respuesta.headers[nombre] = valor
        if estado == 503:
            respuesta.headers["Retry-After"] = REINTENTAR_EN_S
        return respuesta

    def desconocido(self, _error: NoAutenticado) -> Response:
        """Answer 401: the caller is not identified."""
        respuesta = self.decir(401, MENSAJES[401])
        respuesta.headers["WWW-Authenticate"] = ESQUEMAS
        return respuesta

    def prohibido(self, _error: NoAutorizado) -> Response:
        """Answer 403: the caller's role does not allow the operation."""
        return self.decir(403, MENSAJES[403])

    def ocupado(self, error: Exception) -> Response:
        """Answer 503: the service or another one that it needs cannot do it now."""
        return self._mas_tarde(error, 503)

    def otra_version(self, error: VersionDesconocida) -> Response:
        """Answer 503: another release wrote the stream; another process may be able to read it."""
        return self._mas_tarde(error, 503, f"Intente de nuevo: {error}")

    def sin_base(self, error: Exception) -> Response:
        """Answer that the database is away."""
        return self._mas_tarde(error, self.forma.sin_base)

    def defecto(self, error: Exception) -> Response:
        """Answer 500 with the class of the exception; its trace is only logged."""
        log.error("error_interno", exc_info=error)
        return self.decir(500, f"Error interno del servidor: {type(error).__name__}")

    def _mal_formada(self, mensaje: str, faltas: Sequence[Falta]) -> Response:
        return self.decir(self.forma.mal_formada, mensaje, faltas)

    def _mas_tarde(self, error: Exception, estado: int, mensaje: str = MENSAJES[503]) -> Response:
        log.warning("no_disponible", error=str(error)[:300])
        respuesta = self.decir(estado, mensaje)
        respuesta.headers["Retry-After"] = REINTENTAR_EN_S
        return respuesta


def registrar(app: Flask, forma: FormaDeError) -> None:
    """Install the handlers: always JSON, never a stack trace, a caller's mistake is never a 5xx."""
    app.extensions["forma"] = forma
    rechazos = app.extensions["rechazos"] = Rechazos()
    contestador = Contestador(forma)

    def demasiadas(error: DemasiadasPeticiones) -> Response:
        rechazos.contar(error.motivo)  # not logged: under a flood that costs too much
        g.negada = error.motivo == "acceso"
        respuesta = contestador.decir(429, str(error))
        respuesta.headers["Retry-After"] = str(error.espera_s)
        return respuesta

    app.register_error_handler(ErrorDeDominio, contestador.regla)
    app.register_error_handler(ValidationError, contestador.esquema)
    app.register_error_handler(HTTPException, contestador.http)
    app.register_error_handler(DemasiadasPeticiones, demasiadas)
    app.register_error_handler(NoAutenticado, contestador.desconocido)
    app.register_error_handler(NoAutorizado, contestador.prohibido)
    app.register_error_handler(VersionDesconocida, contestador.otra_version)
    for ocupado in (NoDisponible, Saturado, Conflicto, ConflictoPersistente):
        app.register_error_handler(ocupado, contestador.ocupado)
    for sin_base in (ConexionPerdida, OperationalError):
        app.register_error_handler(sin_base, contestador.sin_base)
    app.register_error_handler(Exception, contestador.defecto)

"""The Flask application factory that every service uses."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import structlog
from flask import Flask, Response, g, request
from flask.json.provider import JSONProvider
from flask_cors import CORS
from flask_smorest import Blueprint

from aeropartners.seedwork.aplicacion.admision import DemasiadasPeticiones
from aeropartners.seedwork.aplicacion.mensajes import CUERPO_MAXIMO
from aeropartners.seedwork.infraestructura.base.tipos import texto_utc
from aeropartners.seedwork.infraestructura.web.acceso.accesos_negados import RegistroDeAccesosNegados
from aeropartners.seedwork.infraestructura.web.acceso.auditor import Auditor
from aeropartners.seedwork.infraestructura.web.acceso.cabecera_x_origen import exigir_origen
from aeropartners.seedwork.infraestructura.web.acceso.control import Acceso
from aeropartners.seedwork.infraestructura.web.acceso.navegadores import Navegadores
from aeropartners.seedwork.infraestructura.web.acceso.permisos import exigir_permisos
from aeropartners.seedwork.infraestructura.web.errores import registrar
from aeropartners.seedwork.infraestructura.web.escritura import exigir_legible_o_clave
from aeropartners.seedwork.infraestructura.web.formas_de_error import DETALLE, FormaDeError
from aeropartners.seedwork.infraestructura.web.openapi.documentacion import rutas_documentacion
from aeropartners.seedwork.infraestructura.web.openapi.documento import Contrato
from aeropartners.seedwork.infraestructura.web.peticiones import exigir_camino
from aeropartners.seedwork.infraestructura.web.rechazos import SIN_HILO

log = structlog.get_logger(__name__)

# An API returns data, and no page except /docs: a browser must not run, frame, guess the type of, or store
# any answer.
DE_SEGURIDAD = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
# The answer's headers that a page of another origin may read.
PARA_NAVEGADORES = ["Location", "Retry-After", "X-Correlation-ID", "X-Total-Count"]
_codificador = msgspec.json.Encoder(decimal_format="number")
_decodificador = msgspec.json.Decoder(float_hook=Decimal)


class Json(JSONProvider):
    """JSON by msgspec: a decimal is exact when read and a number when written, times end in Z."""

    def dumps(self, obj: Any, **_opciones: Any) -> str:
        return _codificador.encode(_plano(obj)).decode()

    def loads(self, s: str | bytes, **_opciones: Any) -> Any:
        return _decodificador.decode(s)


def _plano(valor: Any) -> Any:
    match valor:
        case dict():
            return {str(k): _plano(v) for k, v in valor.items()}
        case list() | tuple():
            return [_plano(v) for v in valor]
        case datetime():
            return texto_utc(valor)
        case UUID():
            return str(valor)
    return valor


class Aplicacion(Flask):
    """Flask with our JSON."""

    json_provider_class = Json


def crear_aplicacion(
    titulo: str,
    rutas: Sequence[Blueprint],
    *,
    acceso: Acceso,
    auditor: Auditor | None = None,
    forma: FormaDeError = DETALLE,
    version: str = "1.0.0",
    cors: str = "*",
    local: bool = False,
) -> Flask:
    """Return a WSGI application: errors, CORS, correlation, access and OpenAPI as the contracts say.

    `local`: its server is bound to loopback. Raises RutaSinPermiso when a route declares no permission.
    """
    app = Aplicacion(titulo, static_folder=None)
    app.config.update(
        API_TITLE=titulo,
        API_VERSION=version,
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        MAX_CONTENT_LENGTH=CUERPO_MAXIMO,
    )
    app.extensions["forma"] = forma
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    origenes = [o.strip() for o in cors.split(",")]
    CORS(app, origins=origenes, expose_headers=PARA_NAVEGADORES)
    navegadores = Navegadores(con_claves=acceso.exigido, local=local, origenes=origenes)
    api = Contrato(app, forma)
    for blueprint in rutas:
        api.register_blueprint(blueprint)
    registrar(app, forma)
    app.before_request(_correlacion)
    app.before_request(lambda: exigir_origen(acceso))
    for exigir in (_exigir_hilo, exigir_camino, navegadores.exigir):
        app.before_request(exigir)
    app.before_request(lambda: acceso.exigir(app))
    app.before_request(exigir_legible_o_clave)
    app.after_request(_cabeceras)
    app.after_request(_decir)
    if auditor is not None:
        auditor.vigilar(app)
    RegistroDeAccesosNegados(acceso.negativas, app.extensions["rechazos"], auditor).vigilar(app)
    app.register_blueprint(rutas_documentacion(titulo))
    exigir_permisos(app)
    api.declarar(app)
    return app


def _correlacion() -> None:
    recibida = request.headers.get("X-Correlation-ID", "")
    g.correlacion_id = recibida if 0 < len(recibida) <= 100 and _visible(recibida) else str(uuid.uuid4())


def _exigir_hilo() -> None:
    espera_s = request.environ.get(SIN_HILO)
    if espera_s is not None:
        raise DemasiadasPeticiones(
            "servidor", "Hay demasiadas peticiones en espera; intente más tarde", espera_s
        )


def _visible(texto: str) -> bool:
    return texto.isascii() and texto.isprintable()


def _decir(respuesta: Response) -> Response:
    """Log the request with DEBUG=1, without its query and body, which may hold personal data."""
    log.debug(
        "peticion",
        metodo=request.method,
        ruta=request.path,
        estado=respuesta.status_code,
        correlation_id=g.get("correlacion_id", ""),
    )
    return respuesta


def _cabeceras(respuesta: Response) -> Response:
    respuesta.headers["X-Correlation-ID"] = g.get("correlacion_id", "")
    for nombre, valor in DE_SEGURIDAD.items():
        respuesta.headers.setdefault(nombre, valor)  # /docs has a policy of its own
    respuesta.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        respuesta.headers["Strict-Transport-Security"] = "max-age=31536000"
    return respuesta

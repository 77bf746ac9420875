"""The Flask application factory that every service is made with."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from flask import Flask, Request, Response, g, request
from flask.json.provider import JSONProvider
from flask_cors import CORS
from flask_smorest import Api, Blueprint

from aeropartners.seedwork.infraestructura.tipos import texto_utc
from aeropartners.seedwork.infraestructura.web.errores import registrar

CUERPO_MAXIMO = 256 * 1024
_codificador = msgspec.json.Encoder(decimal_format="number")
_decodificador = msgspec.json.Decoder(float_hook=Decimal)


class Json(JSONProvider):
    """JSON by msgspec: a decimal is exact on the way in and a number on the way out, times end in Z."""

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


class Peticion(Request):
    """A request whose JSON errors are ours."""

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        from werkzeug.exceptions import BadRequest

        raise BadRequest(str(e))


class Aplicacion(Flask):
    """Flask with our JSON and requests."""

    json_provider_class = Json
    request_class = Peticion


def crear_aplicacion(
    titulo: str, rutas: Sequence[Blueprint], *, version: str = "1.0.0", cors: str = "*"
) -> Flask:
    """Return a WSGI application: errors, slashes, CORS, correlation and OpenAPI as the contracts say."""
    app = Aplicacion(titulo, static_folder=None)
    app.config.update(
        API_TITLE=titulo,
        API_VERSION=version,
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        MAX_CONTENT_LENGTH=CUERPO_MAXIMO,
    )
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    CORS(app, origins=[o.strip() for o in cors.split(",")])
    api = Api(app)
    for blueprint in rutas:
        api.register_blueprint(blueprint)
    registrar(app)
    app.before_request(_correlacion)
    app.after_request(_cabeceras)
    app.add_url_rule("/docs", view_func=lambda: app.redirect("/openapi.json"), endpoint="docs")
    return app


def _correlacion() -> None:
    recibida = request.headers.get("X-Correlation-ID", "")
    g.correlacion_id = recibida if 0 < len(recibida) <= 100 and recibida.isprintable() else str(uuid.uuid4())


def _cabeceras(respuesta: Response) -> Response:
    respuesta.headers["X-Correlation-ID"] = g.get("correlacion_id", "")
    respuesta.headers["X-Content-Type-Options"] = "nosniff"
    return respuesta

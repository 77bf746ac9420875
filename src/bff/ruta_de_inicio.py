"""Routes that start a saga: they take an `Idempotency-Key`, and answer with the saga's `Location`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, url_for
from flask_smorest import Blueprint

Decorador = Callable[[Callable[..., Any]], Callable[..., Any]]
LUGAR: dict[str, Any] = {
    "Location": {
        "description": "Dónde se puede mirar lo creado",
        "schema": {"type": "string", "format": "uri-reference"},
    }
}


def inicio(
    b: Blueprint, con_clave: Decorador, estado: int, esquema: dict[str, Any]
) -> Callable[[Callable[..., Any]], Any]:
    """Return the decorator of a forwarded start: its answer's `Location` is this blueprint's `.estado`.

    `con_clave` marks it as honouring `Idempotency-Key`: with one, all that is asked is forwarded.
    """

    def decorar(vista: Callable[..., Response]) -> Any:
        @wraps(vista)
        def con_lugar(*argumentos: Any, **nombrados: Any) -> Response:
            respuesta = vista(*argumentos, **nombrados)
            iniciada = respuesta.get_json(silent=True) if respuesta.status_code == estado else None
            if isinstance(iniciada, dict) and "saga_id" in iniciada:
                respuesta.headers["Location"] = url_for(".estado", saga_id=iniciada["saga_id"])
            return respuesta

        return con_clave(b.response(estado, esquema, headers=LUGAR)(con_lugar))

    return decorar

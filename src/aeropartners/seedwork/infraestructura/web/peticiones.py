"""What a request must be before a route sees it: an address and a body that all readers read alike."""

from typing import Any

import msgspec
from flask import request
from marshmallow import ValidationError
from werkzeug.exceptions import BadRequest, RequestURITooLarge

DIRECCION_MAXIMA = 4096
ANIDAMIENTO_MAXIMO = 64
CON_CUERPO = ("POST", "PUT", "PATCH")


def exigir_legible() -> None:
    """Refuse what cannot be forwarded, stored or answered as it came; an unknown route stays a 404.

    A body is read whole here, once and within CUERPO_MAXIMO. Python's own reader would take NaN,
    lone surrogates and any depth, which then break where the value is stored, sent or shown.
    """
    if request.routing_exception is not None:
        return
    _exigir_direccion()
    if request.method not in CON_CUERPO or not (crudo := request.get_data()):
        return
    if not request.is_json:
        raise _invalido("El cuerpo debe ser JSON, con Content-Type application/json")
    try:
        cuerpo = msgspec.json.decode(crudo)
    except ValueError as error:
        raise BadRequest from error
    except RecursionError as error:
        raise _muy_anidado() from error
    if _hondo(cuerpo):
        raise _muy_anidado()


def _exigir_direccion() -> None:
    if len(request.path) + len(request.query_string) > DIRECCION_MAXIMA:
        raise RequestURITooLarge
    try:
        request.query_string.decode()  # raw bytes: an Ñ is welcome, and it is UTF-8
    except UnicodeDecodeError as error:
        raise ValidationError({"query": ["La consulta debe ser UTF-8"]}) from error


def _hondo(cuerpo: Any) -> bool:
    nivel = [cuerpo]
    for _ in range(ANIDAMIENTO_MAXIMO):
        if not nivel:
            return False
        objetos = (v.values() if isinstance(v, dict) else v for v in nivel if isinstance(v, dict | list))
        nivel = [hijo for hijos in objetos for hijo in hijos]
    return bool(nivel)


def _invalido(mensaje: str) -> ValidationError:
    return ValidationError({"body": [mensaje]})


def _muy_anidado() -> ValidationError:
    return _invalido(f"El cuerpo admite como máximo {ANIDAMIENTO_MAXIMO} niveles")

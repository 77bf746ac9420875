"""Checks of a request before its route: an address and a body that every reader understands alike."""

import re
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from flask import request
from marshmallow import ValidationError
from werkzeug.exceptions import BadRequest, RequestURITooLarge

from aeropartners.seedwork.aplicacion.cuerpos import descifrar_cuerpo
from aeropartners.seedwork.aplicacion.mensajes import CUERPO_MAXIMO
from aeropartners.seedwork.aplicacion.serializacion import NIVELES

DIRECCION_MAXIMA = 4096
# A server reads a body up to this size, so that a client that is still sending gets the application's 413.
CUERPO_LEIDO = 4 * CUERPO_MAXIMO
CON_CUERPO = ("POST", "PUT", "PATCH")
NUL = ["No admite el carácter U+0000"]
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def exigir_legible() -> None:
    """Refuse a query or a body that cannot be forwarded, stored or answered; unknown routes stay a 404.

    A body is read whole here, once and within CUERPO_MAXIMO. PostgreSQL stores no U+0000, in no key and
    no value (contracts, README section 3).
    """
    if request.routing_exception is not None:
        return
    _exigir_consulta()
    if request.method not in CON_CUERPO or not (crudo := request.get_data()):
        return
    if not request.is_json:
        raise _invalido("El cuerpo debe ser JSON, con Content-Type application/json")
    try:
        cuerpo = descifrar_cuerpo(crudo)
    except ValueError as error:
        raise BadRequest from error
    except RecursionError as error:
        raise _invalido(f"El cuerpo admite como máximo {NIVELES} niveles") from error
    # In JSON it can only be written so; what is not one, but an escaped backslash before `u0000`, is rare.
    if b"\\u0000" in crudo and (faltas := _con_nulo(cuerpo)):
        raise ValidationError({"body": faltas})


def exigir_camino() -> None:
    """Refuse a path with control characters; audit and log then get the path with escapes."""
    if not _CONTROL.search(request.path):
        return
    request.path = _CONTROL.sub(lambda hallado: quote(hallado[0]), request.path)
    raise ValidationError({"path": ["No admite caracteres de control"]})


def _exigir_consulta() -> None:
    if len(request.path) + len(request.query_string) > DIRECCION_MAXIMA:
        raise RequestURITooLarge
    try:
        request.query_string.decode()  # unescaped letters (Ñ) are allowed
    except UnicodeDecodeError as error:
        raise ValidationError({"query": ["La consulta debe ser UTF-8"]}) from error
    if b"\x00" in unquote_to_bytes(request.query_string):
        raise ValidationError({"query": NUL})


def _con_nulo(valor: Any) -> Any:
    """Return the first U+0000 as {place: message}; None if there is none."""
    if isinstance(valor, str):
        return NUL if "\x00" in valor else None
    if isinstance(valor, dict | list):
        for clave, hijo in valor.items() if isinstance(valor, dict) else enumerate(valor):
            if falta := _con_nulo(clave) or _con_nulo(hijo):
                return {str(clave).replace("\x00", "\ufffd"): falta}
    return None


def _invalido(mensaje: str) -> ValidationError:
    return ValidationError({"body": [mensaje]})

"""Checks of a request before its route: an address and a body that every reader understands alike."""

import math
import re
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import msgspec
from flask import request
from marshmallow import ValidationError
from werkzeug.exceptions import BadRequest, RequestURITooLarge

from aeropartners.seedwork.aplicacion.serializacion import NIVELES, demasiado_hondo

DIRECCION_MAXIMA = 4096
NUMERO_MAXIMO = 1_000
CON_CUERPO = ("POST", "PUT", "PATCH")
NUL = ["No admite el carácter U+0000"]
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def exigir_legible() -> None:
    """Refuse a query or a body that cannot be forwarded, stored or answered; unknown routes stay a 404.

    The body is read here whole, within CUERPO_MAXIMO. Python's own JSON reader would accept NaN, lone
    surrogates and any depth, which then fail where the value is stored, sent or shown. PostgreSQL stores no
    U+0000, in no key and no value (contracts, README section 3).
    """
    if request.routing_exception is not None:
        return
    _exigir_consulta()
    if request.method not in CON_CUERPO or not (crudo := request.get_data()):
        return
    if not request.is_json:
        raise _invalido("El cuerpo debe ser JSON, con Content-Type application/json")
    try:
        cuerpo = _descifrar(crudo)
    except ValueError as error:
        raise BadRequest from error
    except RecursionError as error:
        raise _muy_anidado() from error
    if demasiado_hondo(cuerpo):
        raise _muy_anidado()
    # JSON can write U+0000 only so. A match that is only an escaped backslash before `u0000` is rare.
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


def _doble(texto: str) -> float:
    """Return the number; ValueError if a double cannot hold it (too large, too small, too many digits)."""
    numero = float(texto) if len(texto) <= NUMERO_MAXIMO else math.inf
    if math.isinf(numero) or (numero == 0 and texto.lower().partition("e")[0].strip("-0.")):
        raise ValueError(texto[:NUMERO_MAXIMO])
    return numero


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


def _muy_anidado() -> ValidationError:
    return _invalido(f"El cuerpo admite como máximo {NIVELES} niveles")


_descifrar = msgspec.json.Decoder(float_hook=_doble).decode

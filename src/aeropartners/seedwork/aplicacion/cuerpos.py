"""A body from outside, over HTTP or on a topic: JSON that all who read, store or show it take alike."""

import math
from typing import Any, TypeVar

import msgspec

from aeropartners.seedwork.aplicacion.mensajes import CUERPO_MAXIMO, Recibido
from aeropartners.seedwork.aplicacion.serializacion import NIVELES, NoDescifrable, demasiado_hondo

NUMERO_MAXIMO = 1_000
T = TypeVar("T")


def descifrar_cuerpo(crudo: bytes) -> Any:
    """Return what a body says; raises ValueError, and RecursionError for one with too many levels.

    Python's own reader would take NaN, lone surrogates and any depth, which then break where the value is
    stored, sent or shown.
    """
    cuerpo = _descifrar(crudo)
    if demasiado_hondo(cuerpo):
        raise RecursionError(f"El cuerpo admite como máximo {NIVELES} niveles")
    return cuerpo


def descifrar_ajeno(recibido: Recibido, tipo: type[T]) -> T:
    """Return a message of a public topic; raises NoDescifrable for a body that HTTP would refuse, too."""
    if len(recibido.cuerpo) > CUERPO_MAXIMO:
        raise NoDescifrable(f"El mensaje supera {CUERPO_MAXIMO} bytes")
    try:
        return msgspec.convert(descifrar_cuerpo(recibido.cuerpo), tipo)
    except (ValueError, RecursionError) as error:
        raise NoDescifrable(str(error)) from error


def _doble(texto: str) -> float:
    """Return the number; one that a double cannot hold is refused, however small, as is one without end."""
    numero = float(texto) if len(texto) <= NUMERO_MAXIMO else math.inf
    if math.isinf(numero) or (numero == 0 and texto.lower().partition("e")[0].strip("-0.")):
        raise ValueError(texto[:NUMERO_MAXIMO])
    return numero


_descifrar = msgspec.json.Decoder(float_hook=_doble).decode

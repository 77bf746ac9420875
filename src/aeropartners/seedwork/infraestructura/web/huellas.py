"""The fingerprint of a JSON body: equal for every spelling of the same content."""

import hashlib
from contextlib import suppress
from decimal import Decimal

import msgspec

from aeropartners.seedwork.aplicacion.cuerpos import NUMERO_MAXIMO


def huella_de(crudo: bytes) -> str:
    """Return the fingerprint of a JSON body; order of keys, spaces, escapes and `1000.0` do not change it.

    Numbers are compared exactly, with all decimals. Of a key that comes twice the last one counts, as for
    every reader of the body. What is no JSON, or too large to be read, is compared by its bytes.
    """
    with suppress(ValueError, ArithmeticError, RecursionError):
        crudo = _escribir(_leer(crudo) if crudo else None)
    return hashlib.sha256(crudo).hexdigest()


def _numero(texto: str) -> int | Decimal:
    """Return one value for all spellings of a number; raises ValueError for one that no form takes."""
    mantisa, _, exponente = texto.lower().partition("e")
    entera, _, decimales = mantisa.partition(".")
    cifras = (entera + decimales).rstrip("0")
    if cifras in ("", "-"):
        return 0
    potencia = int(exponente or 0) + len(entera) - len(cifras)
    if potencia > NUMERO_MAXIMO:  # its digits would fill the memory
        raise ValueError(texto[:NUMERO_MAXIMO])
    return int(cifras) * 10**potencia if potencia >= 0 else Decimal(f"{cifras}e{potencia}")


_leer = msgspec.json.Decoder(float_hook=_numero).decode
_escribir = msgspec.json.Encoder(order="deterministic", decimal_format="number").encode

"""What must never be in a log line, whoever wrote it into a message: secrets, addresses of people, cards."""

import re
from collections.abc import Iterable

TAPADO = b"***"
LARGO_MINIMO = 8
_FORMAS = (
    re.compile(rb"(?P<queda>://[^\s:/@\"]*:)[^\s@\"/]+(?=@)"),  # the password of an address
    re.compile(rb"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"),
    re.compile(rb"\bap_[0-9a-f]{8}_[\w-]+"),
    re.compile(rb"\beyJ[\w-]+\.[\w-]+\.[\w-]*"),
    # What a database says of the rows that it refuses: their values.
    re.compile(rb"(?P<queda>DETAIL: )(?:[^\"\\]|\\[^n])*"),
    re.compile(
        rb"(?P<queda>(?i:x-api-key|authorization|password|contrase.{1,6}a|api_key|token)[\\\"' ]*[:=]"
        rb"[\\\"' ]*(?:(?i:bearer) )?)[^\s\\\"',}]+"
    ),
)
_TARJETA = re.compile(rb"(?<![\w.-])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\w-])")
# Four lines a saga, and nearly none has any of it: what a line must have, to be looked at closer.
_SENAL = re.compile(rb"@|ap_|eyj|detail: |key|authorization|password|contrase|token")
_CIFRAS, _TRECE = bytes.maketrans(b"123456789", b"000000000"), b"0" * 13


class Tapador:
    """Covers it in bytes that are about to be written. `secretos` are those that the process knows itself."""

    def __init__(self, secretos: Iterable[str] = ()) -> None:
        self._conocidos = [s.encode() for s in secretos if len(s) >= LARGO_MINIMO]

    def tapar(self, linea: bytes) -> bytes:
        """Return the line without them; what comes before a covered value, and says what it was, stays."""
        for secreto in self._conocidos:
            linea = linea.replace(secreto, TAPADO)
        if _SENAL.search(linea.lower()):
            for patron in _FORMAS:
                linea = patron.sub(_tapado, linea)
        if _TRECE in linea.translate(_CIFRAS, b" -"):
            linea = _TARJETA.sub(_sin_tarjeta, linea)
        return linea


def _tapado(hallado: re.Match[bytes]) -> bytes:
    return (hallado.groupdict().get("queda") or b"") + TAPADO


def _sin_tarjeta(hallado: re.Match[bytes]) -> bytes:
    return TAPADO if _es_tarjeta(hallado[0]) else hallado[0]


def _es_tarjeta(texto: bytes) -> bool:
    """Luhn: one in ten of other numbers would pass, and a covered number in a log is no harm."""
    cifras = [c - 48 for c in texto if 48 <= c <= 57]
    dobles = [d * 2 - 9 if d > 4 else d * 2 for d in cifras[-2::-2]]
    return (sum(cifras[-1::-2]) + sum(dobles)) % 10 == 0

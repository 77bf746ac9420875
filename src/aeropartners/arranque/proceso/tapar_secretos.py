"""What must never be in a log line, whoever wrote it into a message: secrets, addresses of people, cards."""

import re
from collections.abc import Iterable

from aeropartners.seedwork.aplicacion.legible import escape_json
from aeropartners.seedwork.infraestructura.base.direcciones import PARAMETRO, es_secreto

TAPADO = b"***"
LARGO_MINIMO = 8
_FORMAS = (
    # The password of an address, to its last `@`.
    re.compile(rb"(?P<queda>://[^\s:/?#@\"]*:)[^\s\"/]+(?=@)"),
    re.compile(rb"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"),
    re.compile(rb"\bap_[0-9a-f]{8}_[\w-]+"),
    # From its beginning only: looked for in the middle of a word, each place would be read to its end.
    re.compile(rb"(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*"),
    # What a database says of the rows that it refuses: their values.
    re.compile(rb"(?P<queda>(?:DETAIL|CONTEXT|QUERY|STATEMENT|LINE \d{1,9}): )(?:[^\"\\]|\\[^n])*"),
    re.compile(rb"(?P<queda>invalid input [^\":\\]{1,100}: \\?\")[^\"\\]*"),
    re.compile(
        rb"(?P<queda>(?i:x-api-key|authorization|password|contrase.{1,6}a|api_key|token)[\\\"' ]*[:=]"
        rb"[\\\"' ]*(?:(?i:bearer) )?)[^\s\\\"',}]+"
    ),
)
_TARJETA = re.compile(rb"(?<![\w.-])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\w-])")
# Four lines a saga, and nearly none has any of it: what a line must have, to be looked at closer. Words that
# begin with other letters than these are looked for one by one, which takes a tenth of the time.
_SENAL = re.compile(rb"@|ap_|eyj|detail: |key|authorization|pass|contrase|token")
_PARAMETRO = re.compile(PARAMETRO.encode())
# The control characters that JSON leaves as they are, and what turns or hides what is read, in UTF-8.
_OCULTOS = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf"
    rb"|\xf3\xa0[\x80\x81][\x80-\xbf]"
)
_CIFRAS, _TRECE = bytes.maketrans(b"123456789", b"000000000"), b"0" * 13


class Tapador:
    """Covers it in bytes that are about to be written. `secretos` are those that the process knows itself."""

    def __init__(self, secretos: Iterable[str] = ()) -> None:
        self._conocidos = [s.encode() for s in secretos if len(s) >= LARGO_MINIMO]

    def tapar(self, linea: bytes) -> bytes:
        """Return the line without them; what comes before a covered value, and says what it was, stays."""
        if b"\x7f" in linea or (not linea.isascii() and _puede_ocultar(linea)):
            linea = _OCULTOS.sub(lambda m: escape_json(m[0].decode()).encode(), linea)
        for secreto in self._conocidos:
            linea = linea.replace(secreto, TAPADO)
        if _de_cerca(linea):
            for patron in _FORMAS:
                linea = patron.sub(_tapado, linea)
            linea = _PARAMETRO.sub(_sin_parametro, linea)
        if _TRECE in linea.translate(_CIFRAS, b" -"):
            linea = _TARJETA.sub(_sin_tarjeta, linea)
        return linea


def _de_cerca(linea: bytes) -> bool:
    raras = b"://" in linea or b"LINE " in linea or b"CONTEXT: " in linea or b"invalid input" in linea
    return raras or _SENAL.search(linea.lower()) is not None


def _puede_ocultar(linea: bytes) -> bool:
    """Whether it has a first byte of what is hidden: letters of Spanish have another one."""
    return b"\xc2" in linea or b"\xe2" in linea or b"\xd8" in linea or b"\xef" in linea or b"\xf3" in linea


def _tapado(hallado: re.Match[bytes]) -> bytes:
    return (hallado.groupdict().get("queda") or b"") + TAPADO


def _sin_parametro(hallado: re.Match[bytes]) -> bytes:
    secreto = es_secreto(hallado["nombre"].decode("latin-1"))
    return hallado["queda"] + TAPADO if secreto else hallado[0]


def _sin_tarjeta(hallado: re.Match[bytes]) -> bytes:
    return TAPADO if _es_tarjeta(hallado[0]) else hallado[0]


def _es_tarjeta(texto: bytes) -> bool:
    """Luhn: one in ten of other numbers would pass, and a covered number in a log is no harm."""
    cifras = [c - 48 for c in texto if 48 <= c <= 57]
    dobles = [d * 2 - 9 if d > 4 else d * 2 for d in cifras[-2::-2]]
    return (sum(cifras[-1::-2]) + sum(dobles)) % 10 == 0

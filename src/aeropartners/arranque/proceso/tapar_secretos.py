"""Masks secrets, e-mail addresses and card numbers in log lines."""

import re
from collections.abc import Iterable

from aeropartners.seedwork.aplicacion.texto_visible import escape_json
from aeropartners.seedwork.infraestructura.base.direcciones import PARAMETRO, es_secreto

TAPADO = b"***"
LARGO_MINIMO = 8
_FORMAS = (
    # The password in a URL, up to its last `@`.
    re.compile(rb"(?P<queda>://[^\s:/?#@\"]*:)[^\s\"/]+(?=@)"),
    re.compile(rb"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"),
    re.compile(rb"\bap_[0-9a-f]{8}_[\w-]+"),
    # Only at the beginning of a word: otherwise each place in a long word would be scanned to the word's end.
    re.compile(rb"(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*"),
    # The values of rows in the error messages of databases.
    re.compile(rb"(?P<queda>(?:DETAIL|CONTEXT|QUERY|STATEMENT|LINE \d{1,9}): )(?:[^\"\\]|\\[^n])*"),
    re.compile(rb"(?P<queda>invalid input [^\":\\]{1,100}: \\?\")[^\"\\]*"),
    re.compile(
        rb"(?P<queda>(?i:x-api-key|authorization|password|contrase.{1,6}a|api_key|token)[\\\"' ]*[:=]"
        rb"[\\\"' ]*(?:(?i:bearer) )?)[^\s\\\"',}]+"
    ),
)
_TARJETA = re.compile(rb"(?<![\w.-])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\w-])")
# Fast check: a line is searched with the slow patterns only if it contains one of these. Nearly no line does,
# and a saga logs four. Signals with other first letters are searched one by one: it takes a tenth of the
# time.
_SENAL = re.compile(rb"@|ap_|eyj|detail: |key|authorization|pass|contrase|token")
_PARAMETRO = re.compile(PARAMETRO.encode())
# In UTF-8: the control characters that JSON does not escape, and characters that hide or reverse text.
_OCULTOS = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf"
    rb"|\xf3\xa0[\x80\x81][\x80-\xbf]"
)
_CIFRAS, _TRECE = bytes.maketrans(b"123456789", b"000000000"), b"0" * 13


class Tapador:
    """Masks lines that are about to be written. `secretos` are those of the configuration."""

    def __init__(self, secretos: Iterable[str] = ()) -> None:
        self._conocidos = [s.encode() for s in secretos if len(s) >= LARGO_MINIMO]

    def tapar(self, linea: bytes) -> bytes:
        """Return the line with secrets masked; the name before a masked value stays."""
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
    """Whether the line has a byte that begins a hidden character: most Spanish text has none."""
    return b"\xc2" in linea or b"\xe2" in linea or b"\xd8" in linea or b"\xef" in linea or b"\xf3" in linea


def _tapado(hallado: re.Match[bytes]) -> bytes:
    return (hallado.groupdict().get("queda") or b"") + TAPADO


def _sin_parametro(hallado: re.Match[bytes]) -> bytes:
    secreto = es_secreto(hallado["nombre"].decode("latin-1"))
    return hallado["queda"] + TAPADO if secreto else hallado[0]


def _sin_tarjeta(hallado: re.Match[bytes]) -> bytes:
    return TAPADO if _es_tarjeta(hallado[0]) else hallado[0]


def _es_tarjeta(texto: bytes) -> bool:
    """Whether the digits pass the Luhn check. One in ten other numbers passes: masking it does no harm."""
    cifras = [c - 48 for c in texto if 48 <= c <= 57]
    dobles = [d * 2 - 9 if d > 4 else d * 2 for d in cifras[-2::-2]]
    return (sum(cifras[-1::-2]) + sum(dobles)) % 10 == 0

"""Foreign text made safe to show on one line: characters that control a terminal or hide become escapes."""

import json
import re

# Control characters, line separators, direction marks, invisible characters, halves of surrogate pairs.
_OCULTOS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_BREVES = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


def visible(texto: str) -> str:
    """Return the text on one line, with each unsafe character as an escape."""
    if texto.isprintable():
        return texto
    return _OCULTOS.sub(lambda m: _BREVES.get(m[0]) or _escape(m[0]), texto)


def json_visible(documento: str) -> str:
    """Return an equal JSON document with the unsafe characters as JSON escapes; its line breaks stay."""
    return _OCULTOS.sub(lambda m: m[0] if m[0] == "\n" else escape_json(m[0]), documento)


def escape_json(caracter: str) -> str:
    """Return a character as JSON writes it in ASCII."""
    return f"\\u{ord(caracter):04x}" if ord(caracter) < 0x10000 else json.dumps(caracter)[1:-1]


def _escape(caracter: str) -> str:
    codigo = ord(caracter)
    if codigo < 0x100:
        return f"\\x{codigo:02x}"
    return f"\\u{codigo:04x}" if codigo < 0x10000 else f"\\U{codigo:08x}"

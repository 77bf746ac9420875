"""What came from outside, as a terminal may show it: what would move its cursor or hide text is an escape."""

import re

# Control characters, line separators, and marks that turn the direction of writing or are not seen.
_OCULTOS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# The user and password of an address, to its last `@`.
_CLAVE = re.compile(r"(://[^\s:/?#@]*:)[^\s/]+@")


def legible(texto: str) -> str:
    """Return it in one line; in a JSON document of one line the escapes are JSON's own."""
    return _OCULTOS.sub(lambda m: f"\\u{ord(m[0]):04x}", texto)


def sin_clave(url: str) -> str:
    """Return an address without its password."""
    return _CLAVE.sub(r"\1***@", url)

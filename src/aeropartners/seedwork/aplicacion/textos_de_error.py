"""Error texts that every row, message and log line can hold: cut, and without unsafe characters."""

import re

TEXTO_MAXIMO = 2_000
# PostgreSQL stores no U+0000, no codec writes half of a surrogate pair, and a terminal obeys control
# characters.
_IMPROPIOS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def texto_apto(texto: str, maximo: int = TEXTO_MAXIMO) -> str:
    """Return the text, cut to `maximo` characters, with each unsafe character replaced by U+FFFD.

    The text is cut first: a text of megabytes is not searched.
    """
    corto = texto if len(texto) <= maximo else f"{texto[: maximo - 1]}…"
    return _IMPROPIOS.sub("\ufffd", corto)


def texto_de(error: BaseException) -> str:
    """Return the class and the text of an exception; the class alone when reading its text fails."""
    try:
        dicho = str(error)
    except Exception as otro:
        dicho = f"su texto no se puede leer ({type(otro).__name__})"
    return texto_apto(f"{type(error).__name__}: {dicho}")

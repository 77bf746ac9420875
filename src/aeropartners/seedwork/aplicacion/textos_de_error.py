"""Error texts as any row, message and log line takes them: clean, and not too long."""

import re

TEXTO_MAXIMO = 2_000
# PostgreSQL stores no U+0000, no codec writes half a surrogate pair, and a terminal obeys the others.
_IMPROPIOS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def texto_apto(texto: str, maximo: int = TEXTO_MAXIMO) -> str:
    """Return the text, cut, and each character that something refuses replaced by U+FFFD.

    Cut first: what is megabytes long is not looked through.
    """
    corto = texto if len(texto) <= maximo else f"{texto[: maximo - 1]}…"
    return _IMPROPIOS.sub("\ufffd", corto)


def texto_de(error: BaseException) -> str:
    """Return what an exception says, after its class; one that cannot say it is named all the same."""
    try:
        dicho = str(error)
    except Exception as otro:
        dicho = f"su texto no se puede leer ({type(otro).__name__})"
    return texto_apto(f"{type(error).__name__}: {dicho}")

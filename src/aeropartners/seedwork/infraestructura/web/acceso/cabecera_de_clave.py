"""The HTTP header that carries a caller's API key."""

CABECERA = "X-API-Key"


def cabecera(clave: str) -> dict[str, str]:
    """Return the headers of a call with this key; none without a key."""
    return {CABECERA: clave} if clave else {}

"""The header in which a caller shows its key."""

CABECERA = "X-API-Key"


def cabecera(clave: str) -> dict[str, str]:
    """Return the headers of a call that shows this key."""
    return {CABECERA: clave} if clave else {}

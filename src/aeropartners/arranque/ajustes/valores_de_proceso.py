"""What the variables of a process may hold that needs its libraries to be read: databases and keys."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from aeropartners.arranque.ajustes.valores import DE_URL
from aeropartners.seedwork.infraestructura.seguridad.claves import huella
from aeropartners.seedwork.infraestructura.web.permisos import Rol


def base(texto: str) -> str:
    """Read the URL of a database, which names it."""
    try:
        url = make_url(texto)
    except ArgumentError as error:
        raise ValueError(texto) from error
    if url.get_backend_name() not in ("postgresql", "sqlite") or not url.database or url.port == 0:
        raise ValueError(texto)
    if url.get_backend_name() == "sqlite" and (url.host or url.query or DE_URL.search(url.database)):
        raise ValueError(texto)
    return texto


def base_o_nada(texto: str) -> str:
    """Read the URL of a database, or nothing."""
    return base(texto) if texto else ""


def claves(texto: str) -> tuple[tuple[str, Rol], ...]:
    """Read keys and their roles. They are hashed as they are read: from here on nobody has them."""
    pares = [par.strip().rpartition(":") for par in texto.split(",") if par.strip()]
    if not all(clave for clave, _, _ in pares):
        raise ValueError("una clave vacía")
    return tuple((huella(clave), Rol(rol)) for clave, _, rol in pares)

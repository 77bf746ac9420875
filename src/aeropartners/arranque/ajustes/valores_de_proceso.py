"""Readers of the values that need libraries: database URLs and keys. Only processes import them."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from aeropartners.arranque.ajustes.valores import DE_URL
from aeropartners.seedwork.infraestructura.seguridad.claves import huella
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Rol


def base(texto: str) -> str:
    """Read the URL of a database, with the database's name in it."""
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
    """Read the URL of a database; "" stays ""."""
    return base(texto) if texto else ""


def claves(texto: str) -> tuple[tuple[str, Rol], ...]:
    """Read keys and their roles; each key is hashed at once, so that the process never keeps it."""
    pares = [par.strip().rpartition(":") for par in texto.split(",") if par.strip()]
    if not all(clave for clave, _, _ in pares):
        raise ValueError("una clave vacía")
    return tuple((huella(clave), Rol(rol)) for clave, _, rol in pares)

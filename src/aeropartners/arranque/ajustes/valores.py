"""Readers of the values of variables: each takes a text and raises ValueError. They import no library."""

import re
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aeropartners.seedwork.infraestructura.base.direcciones import es_de_esta_maquina, exigir_url

# Characters that in a database's path would be read as another part of the URL.
DE_URL = re.compile(r"[?%#]")
# The formats of the log.
JSON, TEXTO = "json", "texto"
_ANFITRION = re.compile(r"[A-Za-z0-9_.:%-]+")


def entero(minimo: int, maximo: int) -> Callable[[str], int]:
    """Return the reader of a whole number in this range."""

    def leer(texto: str) -> int:
        valor = int(texto)
        if not minimo <= valor <= maximo:
            raise ValueError(texto)
        return valor

    return leer


def decimal(minimo: float) -> Callable[[str], float]:
    """Return the reader of a number of at least `minimo`, below 1e9."""

    def leer(texto: str) -> float:
        valor = float(texto)
        if not minimo <= valor < 1e9:
            raise ValueError(texto)
        return valor

    return leer


def tasa(texto: str) -> float | None:
    """Read a share from 0 to 1; None for ""."""
    if texto == "":
        return None
    valor = float(texto)
    if not 0 <= valor <= 1:
        raise ValueError(texto)
    return valor


def opcional(leer: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a reader that gives None for "" and else reads with `leer`."""
    return lambda texto: leer(texto) if texto else None


def corto(maximo: int) -> Callable[[str], str]:
    """Return the reader of a text of 1 to `maximo` characters."""

    def leer(texto: str) -> str:
        if not 0 < len(texto) <= maximo:
            raise ValueError(texto)
        return texto

    return leer


def elegida(*palabras: str) -> Callable[[str], str]:
    """Return the reader of one of these words."""

    def leer(texto: str) -> str:
        if texto not in palabras:
            raise ValueError(texto)
        return texto

    return leer


def si_no(texto: str) -> bool:
    """Read yes or no."""
    return {"1": True, "true": True, "0": False, "false": False, "": False}[texto.lower()]


def carpeta(texto: str) -> Path:
    """Read a folder's path; the folder need not exist. The path becomes part of a URL."""
    if DE_URL.search(texto) or (Path(texto).exists() and not Path(texto).is_dir()):
        raise ValueError(texto)
    return Path(texto)


def broker(texto: str) -> str:
    """Read the URL of a Pulsar; "" stays ""."""
    return exigir_url(texto, ("pulsar", "pulsar+ssl")) if texto else ""


def http(texto: str) -> str:
    """Read the URL of a service."""
    return exigir_url(texto, ("http", "https")).rstrip("/")


def anfitrion(texto: str) -> str:
    """Read an address or a host name to listen on; an IPv6 address may have brackets."""
    suelto = texto[1:-1] if texto.startswith("[") and texto.endswith("]") else texto
    if not _ANFITRION.fullmatch(suelto):
        raise ValueError(texto)
    return suelto


def archivo(texto: str) -> str:
    """Read the path of an existing file; "" stays ""."""
    if texto and not Path(texto).is_file():
        raise ValueError(texto)
    return texto


def autoridades(texto: str) -> str:
    """Read the path of a PEM file of certificates; "" stays ""."""
    if archivo(texto):
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(texto)
        except OSError as error:
            raise ValueError(texto) from error
    return texto


def jwks(texto: str) -> str:
    """Read where an issuer's keys are: a file, or a URL.

    Plain HTTP is accepted to this machine only: anybody on the way could replace the keys and sign tokens.
    """
    if "://" not in texto:
        return archivo(texto)
    if urlsplit(texto).scheme == "http" and not es_de_esta_maquina(urlsplit(texto).hostname):
        raise ValueError(texto)
    return exigir_url(texto, ("http", "https"))

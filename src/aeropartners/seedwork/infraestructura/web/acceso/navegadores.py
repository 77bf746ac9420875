"""What a page in a browser may do in an application that requires no key (contracts, section 3)."""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import Forbidden

from aeropartners.seedwork.infraestructura.base.direcciones import es_de_esta_maquina

_NOMBRE = re.compile(r"(?P<nombre>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?")
SIN_EFECTO = ("GET", "HEAD", "OPTIONS")


class PaginaAjena(Forbidden):
    """A page of another site uses the browser of a user who can reach this machine."""

    codigo = "NO_AUTORIZADO"


class Navegadores:
    """Checks each request, if no keys are required; if keys are, a page of another site has none.

    `local`: the application is bound to loopback. Then `Host` must be loopback too: a page whose domain was
    made to resolve to this machine sends its own domain in `Host`. A page that changes something sends
    `Origin`; other programs do not.
    """

    def __init__(self, *, con_claves: bool, local: bool, origenes: Iterable[str]) -> None:
        self._con_claves = con_claves
        self._local = local
        self._origenes = {o.lower() for o in origenes}

    def exigir(self) -> None:
        """Raise PaginaAjena if the present request comes from a page of another site."""
        if self._con_claves:
            return
        anfitrion, origen = request.headers.get("Host"), request.headers.get("Origin")
        if self._local and anfitrion is not None and not _anfitrion_local(anfitrion):
            raise PaginaAjena("Sin claves solo se atiende a localhost: Host nombra a otro")
        if origen is None or request.method in SIN_EFECTO or origen.lower() in self._origenes:
            return
        if not _origen_local(origen):
            raise PaginaAjena("Sin claves, una página ajena no cambia nada: su origen va en CORS_ORIGINS")


@lru_cache(maxsize=256)
def _anfitrion_local(anfitrion: str) -> bool:
    hallado = _NOMBRE.fullmatch(anfitrion)
    return hallado is not None and es_de_esta_maquina(hallado["nombre"])


def _origen_local(origen: str) -> bool:
    try:
        partes = urlsplit(origen)
        return partes.scheme in ("http", "https") and _anfitrion_local(partes.netloc)
    except ValueError:
        return False

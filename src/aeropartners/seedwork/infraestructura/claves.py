"""API keys: known by their hash alone, so that neither a database nor a dump of memory gives one away."""

import hashlib
from collections.abc import Iterable

from aeropartners.seedwork.infraestructura.web.acceso import Identidad
from aeropartners.seedwork.infraestructura.web.permisos import Rol


def huella(clave: str) -> str:
    """Return what is kept of a key. A key of ours has 256 random bits: nothing is gained by a slow hash."""
    return hashlib.sha256(clave.encode()).hexdigest()


class ClavesFijas:
    """The keys that a process was started with. Nameless: the audit tells them apart by their hash."""

    def __init__(self, claves: Iterable[tuple[str, Rol]], interna: str = "") -> None:
        """`claves` are (hash, role); `interna` is what this process shows itself in calls to itself."""
        self._conocidas = {h: Identidad(f"api-key:{h[:8]}", rol) for h, rol in claves}
        if interna:
            self._conocidas[huella(interna)] = Identidad("interno", Rol.SERVICIO)

    def identificar(self, credencial: str) -> Identidad | None:
        """Return whose it is. A dict of hashes: what a timing could tell is about the hash of a guess."""
        return self._conocidas.get(huella(credencial))

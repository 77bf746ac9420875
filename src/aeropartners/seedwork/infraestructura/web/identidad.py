"""Who calls, and what knows a kind of credential."""

from dataclasses import dataclass
from typing import Protocol

from aeropartners.seedwork.infraestructura.web.permisos import Rol


@dataclass(frozen=True, slots=True)
class Identidad:
    """Who calls, as the audit names them; `rol` None where no key is asked for."""

    nombre: str
    rol: Rol | None


ANONIMA = Identidad("anónimo", None)


class Autenticador(Protocol):
    """Knows one kind of credential; calls from several threads are safe."""

    def identificar(self, credencial: str) -> Identidad | None:
        """Return whose it is, or None when it is not known, revoked or expired. May raise NoDisponible."""

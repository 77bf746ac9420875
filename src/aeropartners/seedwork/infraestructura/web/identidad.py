"""Who calls, and what knows a kind of credential."""

from dataclasses import dataclass, field
from typing import Protocol

from aeropartners.seedwork.infraestructura.web.permisos import Rol


@dataclass(frozen=True, slots=True)
class Identidad:
    """Who calls, as the audit names them; `rol` None where no key is asked for.

    `cliente` tells one API key and one token subject from every other, whatever they are named; "" is nobody.
    """

    nombre: str
    rol: Rol | None
    cliente: str = field(default="", compare=False)


ANONIMA = Identidad("anónimo", None)


class Autenticador(Protocol):
    """Knows one kind of credential; calls from several threads are safe."""

    def identificar(self, credencial: str) -> Identidad | None:
        """Return whose it is, or None when it is not known, revoked or expired. May raise NoDisponible."""

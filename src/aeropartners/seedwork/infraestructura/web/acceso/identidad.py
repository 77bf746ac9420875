"""The caller of a request, and the port that recognises credentials."""

from dataclasses import dataclass, field
from typing import Protocol

from aeropartners.seedwork.infraestructura.web.acceso.permisos import Rol


@dataclass(frozen=True, slots=True)
class Identidad:
    """The caller, as the audit names it; `rol` is None where no key is required.

    `cliente` is unique to one API key or one token subject, whatever their names; "" for an unknown caller.
    """

    nombre: str
    rol: Rol | None
    cliente: str = field(default="", compare=False)


ANONIMA = Identidad("anónimo", None)


class Autenticador(Protocol):
    """Recognises one kind of credential; calls from several threads are safe."""

    def identificar(self, credencial: str) -> Identidad | None:
        """Return the caller; None if the credential is unknown, revoked or expired.

        May raise NoDisponible.
        """

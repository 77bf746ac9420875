"""JWT: recognises tokens of one issuer, which name the caller and the role."""

from collections.abc import Mapping
from typing import Any

import jwt

from aeropartners.seedwork.infraestructura.seguridad.jwks import Llavero
from aeropartners.seedwork.infraestructura.web.acceso.identidad import Identidad
from aeropartners.seedwork.infraestructura.web.acceso.permisos import PUEDE, Rol

MARGEN_S = 30
TOKEN_MAXIMO = 8 * 1024
SUJETO_MAXIMO = 200


class TokensJwt:
    """Recognises tokens of one issuer for one audience, with the role in the claim `campo_rol`."""

    def __init__(self, llavero: Llavero, emisor: str, audiencia: str, campo_rol: str) -> None:
        self._llavero = llavero
        self._emisor = emisor
        self._audiencia = audiencia
        self._campo = campo_rol

    def identificar(self, credencial: str) -> Identidad | None:
        """Return the caller, or None; raises NoDisponible. The algorithm is the key's, never the token's.

        A key that is not for signing is refused, as is a subject that cannot be written on one line.
        """
        if len(credencial) > TOKEN_MAXIMO:
            return None
        try:
            llave = self._llavero.llave(jwt.get_unverified_header(credencial).get("kid"))
            if llave is None or llave.public_key_use not in (None, "sig"):
                return None
            datos = jwt.decode(
                credencial,
                llave.key,
                algorithms=[llave.algorithm_name],
                audience=self._audiencia,
                issuer=self._emisor,
                leeway=MARGEN_S,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, UnicodeError):
            return None
        rol, sujeto = _rol(datos, self._campo), datos["sub"]
        if rol is None or not (0 < len(sujeto) <= SUJETO_MAXIMO and sujeto.strip() and sujeto.isprintable()):
            return None
        return Identidad(f"jwt:{sujeto}", rol, f"jwt:{sujeto}")


def _rol(datos: Mapping[str, Any], campo: str) -> Rol | None:
    """Return the most powerful of our roles in the claim; None without any, and the token is refused."""
    dichos = datos.get(campo)
    lista = dichos if isinstance(dichos, list) else [dichos]
    nuestros = [Rol(d) for d in lista if isinstance(d, str) and d in set(Rol)]
    return max(nuestros, key=lambda rol: len(PUEDE[rol]), default=None)

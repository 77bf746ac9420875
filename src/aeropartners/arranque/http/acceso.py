"""Who may call the applications of a process, by its configuration."""

from pathlib import Path
from ssl import SSLContext
from typing import TYPE_CHECKING

import httpx
import structlog

from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.seguridad.claves_conocidas import ClavesDeBase, ClavesFijas
from aeropartners.seedwork.infraestructura.seguridad.llamada_acotada import CUERPO_MAXIMO, TransporteAcotado
from aeropartners.seedwork.infraestructura.web.acceso.accesos_negados import Negativas
from aeropartners.seedwork.infraestructura.web.acceso.control import Acceso
from aeropartners.seedwork.infraestructura.web.acceso.identidad import Autenticador
from aeropartners.seedwork.infraestructura.web.acceso.limite_de_accesos import LimiteDeAccesos

if TYPE_CHECKING:
    from aeropartners.arranque.config import Config

log = structlog.get_logger(__name__)
PLAZO_JWKS_S = 5.0


def acceso(config: "Config", interna: str, motor: Motor, reloj: Reloj, confianza: SSLContext) -> Acceso:
    """Return the authentication of callers; logs a warning when other machines can call without a key."""
    if config.abierta:
        log.warning(
            "SIN_CLAVES",
            aviso="cualquiera que llegue a esta dirección puede leer y cambiarlo todo: PERMITIR_SIN_CLAVE=1",
            host=config.host,
        )
    claves: list[Autenticador] = [ClavesFijas(config.api_keys, interna)]
    if config.con_base:
        claves.append(ClavesDeBase(motor, reloj))
    return Acceso(
        claves,
        _tokens(config, confianza),
        exigido=config.exige_clave,
        intentos=LimiteDeAccesos(config.fallos_de_acceso),
        negativas=Negativas(config.fallos_de_acceso),
    )


def _tokens(config: "Config", confianza: SSLContext) -> list[Autenticador]:
    if not config.jwt_jwks:
        return []
    # Imported only if tokens are configured: cryptography takes 9 MiB of memory.
    from aeropartners.seedwork.infraestructura.seguridad.jwks import Llavero
    from aeropartners.seedwork.infraestructura.seguridad.jwt import TokensJwt

    llavero = Llavero(lambda: _leer_jwks(config.jwt_jwks, confianza))
    llavero.preparar()
    return [TokensJwt(llavero, config.jwt_emisor, config.jwt_audiencia, config.jwt_campo_rol)]


def _leer_jwks(donde: str, confianza: SSLContext) -> bytes:
    if not donde.startswith(("http://", "https://")):
        with Path(donde).open("rb") as archivo:
            return archivo.read(CUERPO_MAXIMO)
    try:
        with httpx.Client(transport=TransporteAcotado(confianza, PLAZO_JWKS_S)) as cliente:
            return cliente.get(donde).raise_for_status().content
    except httpx.HTTPError as error:
        raise OSError(f"{type(error).__name__}") from error

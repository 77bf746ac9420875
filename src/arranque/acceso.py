"""Who gets into the applications of a process, as its configuration says."""

import structlog

from aeropartners.seedwork.infraestructura.claves import ClavesFijas
from aeropartners.seedwork.infraestructura.web.acceso import CABECERA, Acceso
from aeropartners.seedwork.infraestructura.web.intentos import Intentos
from arranque.config import Config, abierta

log = structlog.get_logger(__name__)


def acceso(config: Config, interna: str) -> Acceso:
    """Return the door; says loudly when anybody who reaches this machine may come in."""
    if abierta(config):
        log.warning(
            "SIN_CLAVES",
            aviso="cualquiera que llegue a esta dirección puede leer y cambiarlo todo: PERMITIR_SIN_CLAVE=1",
            host=config.host,
        )
    fijas = ClavesFijas(config.api_keys, interna)
    return Acceso([fijas], exigido=config.exige_clave, intentos=Intentos(config.fallos_de_acceso))


def cabecera(clave: str) -> dict[str, str]:
    """Return the headers of a call that shows this key."""
    return {CABECERA: clave} if clave else {}

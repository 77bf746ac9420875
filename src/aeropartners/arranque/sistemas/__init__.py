"""The systems, one file each; this list is the one place that names them."""

from aeropartners.arranque.sistemas.campanas import SISTEMA as CAMPANAS
from aeropartners.arranque.sistemas.descriptor import Servicio, Sistema
from aeropartners.arranque.sistemas.partners import SISTEMA as PARTNERS

__all__ = ["CONSUMOS", "SERVICIOS", "SISTEMAS", "TEMAS_PUBLICOS", "Servicio", "Sistema"]

SISTEMAS: tuple[Sistema, ...] = (CAMPANAS, PARTNERS)

SERVICIOS = {servicio.nombre: servicio for sistema in SISTEMAS for servicio in sistema.servicios}
TEMAS_PUBLICOS = frozenset(tema for sistema in SISTEMAS for tema in sistema.temas_publicos)
CONSUMOS = {evento: donde for sistema in SISTEMAS for evento, donde in sistema.consumos.items()}

"""The systems, a folder each; only this list names them all."""

from collections.abc import Iterable
from importlib import import_module

from aeropartners.arranque.ajustes.valores import JSON
from aeropartners.arranque.plataforma import SERVICIOS as DE_LA_PLATAFORMA
from aeropartners.arranque.servicio import Servicio
from aeropartners.arranque.sistemas.sistema import Sistema

__all__ = [
    "CONSUMOS",
    "SERVICIOS",
    "SISTEMAS",
    "TEMAS_PUBLICOS",
    "Servicio",
    "Sistema",
    "formato_de_log",
    "llamados",
]

# In the order in which they were added: the first one that wants a port has it, after the platform.
NOMBRES = ("campanas", "partners")

SISTEMAS: tuple[Sistema, ...] = tuple(
    import_module(f"{__name__}.{nombre}.descriptor").SISTEMA for nombre in NOMBRES
)

_DE_SISTEMAS = tuple(servicio for sistema in SISTEMAS for servicio in sistema.servicios)
SERVICIOS = {servicio.nombre: servicio for servicio in (*DE_LA_PLATAFORMA, *_DE_SISTEMAS)}
TEMAS_PUBLICOS = frozenset(tema for sistema in SISTEMAS for tema in sistema.temas_publicos)
CONSUMOS = {evento: donde for sistema in SISTEMAS for evento, donde in sistema.consumos.items()}


def llamados() -> dict[str, tuple[Servicio, ...]]:
    """Return the services of each name of the command line: a service, `system.part`, or a whole system."""
    suyos = {servicio.nombre: (servicio,) for servicio in SERVICIOS.values()}
    suyos |= {f"{s.sistema}.{s.parte}": (s,) for s in SERVICIOS.values()}
    return suyos | {sistema.nombre: sistema.servicios for sistema in SISTEMAS}


def formato_de_log(nombres: Iterable[str]) -> str:
    """Return the default format of the log of a process that serves these systems: that of a single one."""
    formatos = {sistema.nombre: sistema.formato_de_log for sistema in SISTEMAS}
    servidos = list(dict.fromkeys(nombres))
    return formatos.get(servidos[0], JSON) if len(servidos) == 1 else JSON

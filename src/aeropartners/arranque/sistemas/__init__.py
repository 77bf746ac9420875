"""The systems, a folder each; only this list names them all."""

from collections.abc import Iterable
from importlib import import_module

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
    "el_unico",
    "llamados",
]

# In the order in which they were added: the first one that wants a port has it, after the platform.
NOMBRES = ("campanas", "partners", "cafeteria")

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


def el_unico(nombres: Iterable[str]) -> Sistema | None:
    """Return the system that a process serves alone; None when it serves several, or none."""
    servidos = set(nombres)
    suyos = [sistema for sistema in SISTEMAS if sistema.nombre in servidos]
    return suyos[0] if len(servidos) == len(suyos) == 1 else None

"""One file a saga; `registro` is the list of those that this process knows."""

from collections.abc import Callable

from saga_orchestrator.definiciones.ajustes import Ajustes
from saga_orchestrator.definiciones.crear_campana_completa import crear_campana_completa
from saga_orchestrator.definiciones.crear_partner import crear_partner
from saga_orchestrator.dominio.definicion import Registro, siempre


def registro(ajustes: Ajustes, abierta: Callable[[str, int], bool] = siempre) -> Registro:
    """Return the known definitions; old versions stay as long as a saga runs under them."""
    return Registro((crear_campana_completa(ajustes), crear_partner(ajustes)), abierta)

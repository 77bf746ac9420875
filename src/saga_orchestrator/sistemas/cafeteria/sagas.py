"""What the system cafeteria adds to the orchestrator."""

from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.infraestructura.sistema import SagasDeSistema
from saga_orchestrator.sistemas.cafeteria.borde import borde
from saga_orchestrator.sistemas.cafeteria.definicion import DE_SERIE, AjustesPedido, definiciones


def sagas(ajustes: Ajustes, propios: AjustesPedido = DE_SERIE) -> SagasDeSistema:
    """Return the definitions and the edge."""
    return SagasDeSistema(definiciones(ajustes, propios), borde())

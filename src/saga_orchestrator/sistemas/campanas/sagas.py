"""What the system campanas adds to the orchestrator."""

from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.aplicacion.borde import Borde
from saga_orchestrator.infraestructura.sistema import SagasDeSistema
from saga_orchestrator.sistemas.campanas.definicion import TIPO, definiciones, faltas_de_inicio


def sagas(ajustes: Ajustes) -> SagasDeSistema:
    """Return the definitions of campaign sagas and the check of their initial data."""
    return SagasDeSistema(definiciones(ajustes), Borde(formas={TIPO: faltas_de_inicio}))

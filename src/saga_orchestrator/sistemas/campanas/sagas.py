"""What campaigns bring to the orchestrator."""

from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.aplicacion.borde import Borde
from saga_orchestrator.infraestructura.sistema import SagasDeSistema
from saga_orchestrator.sistemas.campanas.definicion import TIPO, definiciones, faltas_de_inicio


def sagas(ajustes: Ajustes) -> SagasDeSistema:
    """Return it."""
    return SagasDeSistema(definiciones(ajustes), Borde(formas={TIPO: faltas_de_inicio}))

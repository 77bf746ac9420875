"""What the toy system brings to the orchestrator."""

from saga_orchestrator.sistemas.saludos.definicion import saludo_doble

from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.infraestructura.sistema import SagasDeSistema


def sagas(ajustes: Ajustes) -> SagasDeSistema:
    """Return it."""
    return SagasDeSistema((saludo_doble(ajustes),))

"""What the system partners adds to the orchestrator."""

from collections.abc import Callable

from aeropartners.contratos.partners import SUSCRIPCION_LLAMADAS, TEMA_LLAMADAS
from aeropartners.seedwork.infraestructura.pieza import Llamada
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.infraestructura.sistema import SagasDeSistema
from saga_orchestrator.sistemas.partners.borde import borde
from saga_orchestrator.sistemas.partners.definicion import DE_SERIE, AjustesPartner, definiciones
from saga_orchestrator.sistemas.partners.estados import ESTADOS_PARTNER
from saga_orchestrator.sistemas.partners.integraciones import Integraciones, tareas

TIMEOUT_MINUTOS = 10


def sagas(
    ajustes: Ajustes,
    integraciones: Callable[[], Integraciones],
    propios: AjustesPartner = DE_SERIE,
    timeout_minutos: int = TIMEOUT_MINUTOS,
) -> SagasDeSistema:
    """Return the definitions, edge, read table and caller; `integraciones` makes the caller's service."""
    llamada = Llamada(TEMA_LLAMADAS, SUSCRIPCION_LLAMADAS, lambda: tareas(integraciones()))
    return SagasDeSistema(
        definiciones(ajustes, propios), borde(timeout_minutos), (ESTADOS_PARTNER,), (llamada,)
    )

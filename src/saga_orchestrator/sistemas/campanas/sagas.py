"""What the system campanas adds to the orchestrator."""

from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.aplicacion.borde import Borde, PorTema
from saga_orchestrator.infraestructura.sistema import SagasDeSistema
from saga_orchestrator.sistemas.campanas.definicion import TIPO, DatosInicialesEsquema, definiciones

TIMEOUT_MINUTOS = 30


def sagas(ajustes: Ajustes, timeout_minutos: int = TIMEOUT_MINUTOS) -> SagasDeSistema:
    """Return it."""
    borde = Borde(por_tema={TIPO: PorTema(DatosInicialesEsquema(), timeout_minutos)})
    return SagasDeSistema(definiciones(ajustes), borde)

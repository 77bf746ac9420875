"""The orchestrator as a piece: its table, its store, its timers, and the caller of its HTTP steps."""

from collections.abc import Callable

from aeropartners.contratos.partners import SUSCRIPCION_LLAMADAS, TEMA_LLAMADAS
from aeropartners.seedwork.infraestructura.pieza import Llamada, Pieza
from saga_orchestrator.aplicacion.despertador import despertador
from saga_orchestrator.aplicacion.integraciones import Integraciones, tareas
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.infraestructura.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.totales import TotalesDeSagas

NOMBRE = "saga"


def pieza(
    orquestador: Orquestador,
    almacen: AlmacenSagas,
    totales: TotalesDeSagas,
    integraciones: Callable[[], Integraciones],
) -> Pieza:
    """Return all that the orchestrator is; `integraciones` is the service of partners, as it is called."""
    llamada = Llamada(TEMA_LLAMADAS, SUSCRIPCION_LLAMADAS, lambda: tareas(integraciones()))
    return Pieza(
        NOMBRE,
        orquestador.modulo(),
        almacen,
        despertar=despertador,
        llamada=llamada,
        proyecciones=(totales,),
    )

"""The orchestrator's `Pieza`: its table, store, timers, and the callers of its systems."""

from collections.abc import Sequence
from dataclasses import replace

from aeropartners.seedwork.infraestructura.pieza import Pieza
from saga_orchestrator.aplicacion.finales import QuienesEsperan, y_avisar
from saga_orchestrator.aplicacion.mensajes_de_plazo import despertador
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.almacen.totales import TotalesDeSagas
from saga_orchestrator.infraestructura.sistema import SagasDeSistema

NOMBRE = "saga"


def pieza(
    sistemas: Sequence[SagasDeSistema],
    registro: Registro,
    almacen: AlmacenSagas,
    totales: TotalesDeSagas,
    esperan: QuienesEsperan,
) -> Pieza:
    """Return the orchestrator's `Pieza` for the sagas of these systems; `esperan` hear of settled ones."""
    modulo = Orquestador(registro, [s.borde for s in sistemas]).modulo()
    return Pieza(
        NOMBRE,
        replace(modulo, al_confirmar=y_avisar(modulo.al_confirmar, esperan)),
        almacen,
        despertar=despertador,
        llamadas=tuple(llamada for s in sistemas for llamada in s.llamadas),
        proyecciones=(totales,),
    )

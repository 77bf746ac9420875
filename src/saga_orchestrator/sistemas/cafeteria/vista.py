"""A saga of an order as its clients see it (000, section 2)."""

from dataclasses import asdict, dataclass
from typing import Any

from saga_orchestrator.dominio.memoria import Avance, Fase
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.sistemas.cafeteria.definicion import PASOS, nombre_de

Objeto = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SagaStep:
    """A step as its client sees it. The step that failed counts as executed, and is undone in its turn."""

    nombre: str
    ejecutado: bool
    compensado: bool


def vista_de(saga: Saga) -> Objeto:
    """Return the saga object; its steps are always the four, in order."""
    memoria = saga.memoria
    error = {"error": memoria.error} if memoria.error else {}
    return {
        "nombre": nombre_de(saga),
        "estado": memoria.estado,
        "steps": [asdict(step) for step in steps_de(saga)],
        "saga_id": str(saga.id),
        "requiere_atencion": memoria.requiere_atencion,
        **error,
    }


def steps_de(saga: Saga) -> list[SagaStep]:
    """Return what was done of each step. What leaves nothing to undo is undone when its turn has come."""
    memoria = saga.memoria
    deshaciendo = memoria.fase is Fase.ATRAS or (memoria.fase is Fase.FIN and bool(memoria.error))
    pendiente = max(saga.por_deshacer, default=-1)
    steps = []
    for i, nombre in enumerate(PASOS):
        # The row of a saga that cannot be read, or of a newer release, may have others.
        avance = memoria.pasos[i] if i < len(memoria.pasos) else Avance(saga.id, i)
        ejecutado = avance.exitoso is not None or (deshaciendo and bool(avance.incierto or avance.parte))
        compensado = ejecutado and deshaciendo and i > pendiente
        steps.append(SagaStep(nombre, ejecutado, compensado))
    return steps

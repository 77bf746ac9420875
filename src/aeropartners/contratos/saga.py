"""The messages that the orchestrator receives, and its topics."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import mensaje

TEMA_RESPUESTAS = "respuestas-saga"
TEMA_INICIAR = "comando-iniciar-saga"
TEMA_EVENTOS = "saga-events"
TEMA_MUERTOS = "dlq-saga"
SUSCRIPCION = "saga-orchestrator"


@mensaje("IniciarSaga", 1)
@dataclass(frozen=True, slots=True)
class IniciarSaga:
    """Start a saga; a second one with the same `saga_id` changes nothing."""

    saga_id: UUID
    tipo: str
    datos_iniciales: dict[str, Any] = field(default_factory=dict)
    timeout_minutos: int = 30
    correlation_id: str = ""


@mensaje("PlazoVencido", 2)
@dataclass(frozen=True, slots=True)
class PlazoVencido:
    """The wake-up of a saga is due; `en_salida`: its last command has not reached the broker.

    `demora_s`: replies may be read this many seconds late, so a deadline that passed less long ago does not
    count yet.
    """

    saga_id: UUID
    en_salida: bool = False
    demora_s: float = 0.0


@mensaje("OrdenOperador", 1)
@dataclass(frozen=True, slots=True)
class OrdenOperador:
    """An operator's order: `reintentar`, `omitir`, `cerrar` or `cancelar`; the audit stores who and why."""

    saga_id: UUID
    orden: str
    motivo: str = ""
    quien: str = ""


@mensaje("SincronizarPaso", 1)
@dataclass(frozen=True, slots=True)
class SincronizarPaso:
    """The state that a participant's API reports, to be applied as if it were that participant's reply."""

    saga_id: UUID
    paso: str
    exito: bool
    resultado: dict[str, Any] = field(default_factory=dict)
    error: str = ""

"""What the orchestrator receives and publishes."""

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
    """Start a saga; idempotent by `saga_id`."""

    saga_id: UUID
    tipo: str
    datos_iniciales: dict[str, Any] = field(default_factory=dict)
    timeout_minutos: int = 30
    correlation_id: str = ""


@mensaje("PlazoVencido", 2)
@dataclass(frozen=True, slots=True)
class PlazoVencido:
    """The wake-up of a saga is due; `en_salida`: its last command has not reached the broker.

    Replies may be `demora_s` late: no deadline that is younger counts.
    """

    saga_id: UUID
    en_salida: bool = False
    demora_s: float = 0.0


@mensaje("OrdenOperador", 1)
@dataclass(frozen=True, slots=True)
class OrdenOperador:
    """An operator's order: `reintentar`, `omitir`, `cerrar` or `cancelar`; audited with who and why."""

    saga_id: UUID
    orden: str
    motivo: str = ""
    quien: str = ""


@mensaje("SincronizarPaso", 1)
@dataclass(frozen=True, slots=True)
class SincronizarPaso:
    """A participant's real state, read by an operator, to be applied as its reply would be."""

    saga_id: UUID
    paso: str
    exito: bool
    resultado: dict[str, Any] = field(default_factory=dict)
    error: str = ""

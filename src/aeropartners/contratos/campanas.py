"""The commands of campaigns, and the events of payments that they read."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import mensaje

TEMA_COMANDOS = "comandos-campanas"
TEMA_PAGOS_EXITOSOS = "payments.evt.completed"
SUSCRIPCION = "campaigns-failover"
TEMA_MUERTOS = "campaigns.DLQ"
TEMAS_PUBLICOS = {
    "CampanaCreada": "campaigns.evt.created",
    "CampanaActualizada": "campaigns.evt.updated",
    "CampanaActivada": "campaigns.evt.activated",
    "PresupuestoCampanaActualizado": "campaigns.evt.budget_updated",
    "MetricasCampanaActualizadas": "campaigns.evt.metrics_updated",
}
TEMA_GENERICO = "campaigns.evt.generic"


@mensaje("CrearCampana", 1)
@dataclass(frozen=True, slots=True)
class CrearCampana:
    """Create a campaign with valid fields."""

    id: UUID
    nombre: str
    tipo: str
    presupuesto_monto: Decimal
    presupuesto_moneda: str
    fecha_inicio: datetime
    fecha_fin: datetime
    id_afiliado: str
    descripcion: str | None = None


@mensaje("CrearCampanaDeSaga", 1)
@dataclass(frozen=True, slots=True)
class CrearCampanaDeSaga:
    """Create a campaign from a saga's initial data, which are not validated yet."""

    id: UUID
    datos: dict[str, Any]


@mensaje("CancelarCampana", 1)
@dataclass(frozen=True, slots=True)
class CancelarCampana:
    """Cancel a campaign; as an undo of a saga it may come before its command."""

    id: UUID
    motivo: str = ""
    saga_id: UUID | None = None


@mensaje("CambiarEstadoCampana", 1)
@dataclass(frozen=True, slots=True)
class CambiarEstadoCampana:
    """Change a campaign's state; `accion` is `activar`, `pausar` or `finalizar`."""

    id: UUID
    accion: str
    motivo: str = ""


@mensaje("ActualizarCampana", 1)
@dataclass(frozen=True, slots=True)
class ActualizarCampana:
    """Change the given fields of a campaign; None leaves a field as it is."""

    id: UUID
    nombre: str | None = None
    descripcion: str | None = None
    fecha_inicio: datetime | None = None
    fecha_fin: datetime | None = None


@mensaje("CambiarPresupuesto", 1)
@dataclass(frozen=True, slots=True)
class CambiarPresupuesto:
    """Change a campaign's budget."""

    id: UUID
    monto: Decimal
    moneda: str


@mensaje("ActualizarMetricas", 1)
@dataclass(frozen=True, slots=True)
class ActualizarMetricas:
    """Set the given figures of a campaign; None leaves a figure as it is."""

    id: UUID
    impresiones: int | None = None
    clicks: int | None = None
    conversiones: int | None = None
    gasto_actual: Decimal | None = None


@mensaje("AplicarPago", 1)
@dataclass(frozen=True, slots=True)
class AplicarPago:
    """Add a successful payment of the affiliate to one active campaign."""

    id: UUID
    monto: Decimal


@mensaje("PagoExitosoRecibido", 1)
@dataclass(frozen=True, slots=True)
class PagoExitosoRecibido:
    """A payment of an affiliate succeeded (from the public topic)."""

    event_id: UUID
    id_afiliado: str
    monto: Decimal

"""The commands of alliances; those of a saga travel in the contract's shape (004, section 7)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import mensaje

TEMA_COMANDOS = "gestion-de-integraciones"
TEMA_EVENTOS = "administracion-financiera-compliance"
TEMA_MUERTOS = "dlq-alianzas"
SUSCRIPCION = "alianzas"
PASO_CREAR, PASO_CANCELAR = "create_alliance", "cancel_alliance"
CREADA, FALLIDA, CANCELADA = "alliance_created", "alliance_creation_failed", "alliance_cancelled"
ERROR_TECNICO = "ERROR_TECNICO"


@mensaje("CrearAlianza", 1)
@dataclass(frozen=True, slots=True)
class CrearAlianza:
    """Create the contract of a saga, if the compliance rules allow it; its fields are not validated yet."""

    saga_id: UUID
    partner_id: str
    partner_data: dict[str, Any] = field(default_factory=dict)
    contrato: dict[str, Any] = field(default_factory=dict)


@mensaje("CancelarAlianza", 1)
@dataclass(frozen=True, slots=True)
class CancelarAlianza:
    """Cancel the contract of a saga; as an undo it may come before its command."""

    saga_id: UUID
    partner_id: str = ""
    alliance_id: str | None = None
    reason: str = ""


@mensaje("CrearContrato", 1)
@dataclass(frozen=True, slots=True)
class CrearContrato:
    """Create a contract with valid fields."""

    id: UUID
    partner_id: str
    tipo: str
    fecha_inicio: date
    fecha_fin: date | None = None
    monto: Decimal | None = None
    moneda: str = "USD"
    condiciones: str | None = None
    estado: str = "activo"


@mensaje("CambiarContrato", 1)
@dataclass(frozen=True, slots=True)
class CambiarContrato:
    """Change the given fields of a contract; None leaves a field as it is."""

    id: UUID
    estado: str | None = None
    monto: Decimal | None = None
    moneda: str | None = None
    fecha_fin: date | None = None
    condiciones: str | None = None

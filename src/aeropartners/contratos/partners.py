"""The commands of partners, and the orders to the caller of their service."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import mensaje

TIPO_PARTNER = "PARTNER_CREATION"
TEMA_EVENTOS = "eventos-partners"
TEMA_CREAR_PARTNER = "comando-crear-partner"
TEMA_LLAMADAS = "llamadas-integraciones"
TEMA_MUERTOS = "dlq-partners"
SUSCRIPCION = "partners"
SUSCRIPCION_LLAMADAS = "saga-integraciones"
PASO_CREAR = "create_partner"
# A plausible e-mail address; whether the mailbox exists is not checked.
EMAIL = r"[^@\s\x00-\x1f]{1,64}@[^@\s.\x00-\x1f]+(\.[^@\s.\x00-\x1f]+)+"
LARGOS = {"nombre": 255, "email": 254, "telefono": 50, "direccion": 500}


def clave_de_creacion(saga_id: UUID) -> str:
    """Return the `Idempotency-Key` of a saga's creation of its partner."""
    return f"{saga_id}:{PASO_CREAR}"


@mensaje("CrearPartner", 1)
@dataclass(frozen=True, slots=True)
class CrearPartner:
    """Create a partner with valid fields."""

    id: UUID
    nombre: str
    email: str
    telefono: str | None = None
    direccion: str | None = None


@mensaje("ActualizarPartner", 1)
@dataclass(frozen=True, slots=True)
class ActualizarPartner:
    """Change the fields that are in `cambios`."""

    id: UUID
    cambios: dict[str, str | None]


@mensaje("EliminarPartner", 1)
@dataclass(frozen=True, slots=True)
class EliminarPartner:
    """Delete a partner and revoke its integrations; `email`, which never changes, becomes free."""

    id: UUID
    email: str


@mensaje("VerificarKyc", 1)
@dataclass(frozen=True, slots=True)
class VerificarKyc:
    """Record the outcome of a partner's verification."""

    id: UUID
    estado_kyc: str
    documentos: dict[str, Any] | None = None
    comentarios: str | None = None


@mensaje("CrearIntegracion", 1)
@dataclass(frozen=True, slots=True)
class CrearIntegracion:
    """Add an integration to a partner."""

    id: UUID
    integracion_id: UUID
    tipo: str
    nombre: str
    descripcion: str | None = None
    configuracion: dict[str, Any] = field(default_factory=dict)


@mensaje("RevocarIntegracion", 1)
@dataclass(frozen=True, slots=True)
class RevocarIntegracion:
    """Revoke one integration of a partner."""

    id: UUID
    integracion_id: UUID
    motivo: str | None = None


@mensaje("PedirPartner", 1)
@dataclass(frozen=True, slots=True)
class PedirPartner:
    """Order to the caller: create the partner of a saga, under the saga's key."""

    saga_id: UUID
    datos: dict[str, Any]


@mensaje("BorrarPartner", 1)
@dataclass(frozen=True, slots=True)
class BorrarPartner:
    """Order to the caller: delete the partner of a saga; an unknown id is learnt by creating it again."""

    saga_id: UUID
    datos: dict[str, Any]
    partner_id: str | None = None


@mensaje("ComandoCrearPartner", 1)
@dataclass(frozen=True, slots=True)
class ComandoCrearPartner:
    """Start a partner saga; the command is published on its topic as well."""

    saga_id: UUID
    partner_data: dict[str, Any]
    contrato: dict[str, Any] = field(default_factory=dict)
    timeout_minutos: int = 10
    correlation_id: str = ""

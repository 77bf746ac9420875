"""Commands that partners take, and the orders to the caller of their service."""

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
# A plausible address: whether somebody reads it is not judged.
EMAIL = r"[^@\s\x00-\x1f]{1,64}@[^@\s.\x00-\x1f]+(\.[^@\s.\x00-\x1f]+)+"


def clave_de_creacion(saga_id: UUID) -> str:
    """Return the `Idempotency-Key` of the creation inside a saga."""
    return f"{saga_id}:{PASO_CREAR}"


@mensaje("CrearPartner", 1)
@dataclass(frozen=True, slots=True)
class CrearPartner:
    """Create a partner whose parts are valid in form."""

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
    """Delete a partner and revoke its integrations; the e-mail, which never changes, becomes free."""

    id: UUID
    email: str


@mensaje("VerificarKyc", 1)
@dataclass(frozen=True, slots=True)
class VerificarKyc:
    """Record what became of the verification."""

    id: UUID
    estado_kyc: str
    documentos: dict[str, Any] | None = None
    comentarios: str | None = None


@mensaje("CrearIntegracion", 1)
@dataclass(frozen=True, slots=True)
class CrearIntegracion:
    """Give a partner an integration."""

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
    """Order to the caller: delete the partner of a saga; without its id, learn first what the key did."""

    saga_id: UUID
    datos: dict[str, Any]
    partner_id: str | None = None


@mensaje("ComandoCrearPartner", 1)
@dataclass(frozen=True, slots=True)
class ComandoCrearPartner:
    """Start a partner saga by a command that its topic carries as well."""

    saga_id: UUID
    partner_data: dict[str, Any]
    contrato: dict[str, Any] = field(default_factory=dict)
    timeout_minutos: int = 10
    correlation_id: str = ""

"""The events of a partner; their names and versions are stored and never change."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from aeropartners.seedwork.dominio.evento import evento


@evento("PartnerCreado", 1)
@dataclass(frozen=True, slots=True)
class PartnerCreado:
    """The partner was created, and its e-mail is taken."""

    nombre: str
    email: str
    telefono: str | None
    direccion: str | None
    fecha: datetime
    saga_id: UUID | None = None


@evento("PartnerActualizado", 1)
@dataclass(frozen=True, slots=True)
class PartnerActualizado:
    """The partner has these data from now on."""

    nombre: str
    telefono: str | None
    direccion: str | None
    fecha: datetime


@evento("PartnerEliminado", 1)
@dataclass(frozen=True, slots=True)
class PartnerEliminado:
    """The partner was deleted: it stays in the records, and its e-mail is free."""

    fecha: datetime


@evento("KycVerificado", 1)
@dataclass(frozen=True, slots=True)
class KycVerificado:
    """The outcome of the partner's verification."""

    anterior: str
    nuevo: str
    documentos: dict[str, Any]
    comentarios: str | None
    fecha: datetime


@evento("IntegracionCreada", 1)
@dataclass(frozen=True, slots=True)
class IntegracionCreada:
    """The partner got an integration."""

    integracion_id: UUID
    tipo: str
    nombre: str
    descripcion: str | None
    fecha: datetime
    configuracion: dict[str, Any] = field(default_factory=dict)


@evento("IntegracionRevocada", 1)
@dataclass(frozen=True, slots=True)
class IntegracionRevocada:
    """The integration was revoked for good."""

    integracion_id: UUID
    motivo: str | None
    fecha: datetime

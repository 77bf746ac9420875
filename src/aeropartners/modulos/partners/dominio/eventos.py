"""What happens to a partner; the names and versions are stored and never change."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from aeropartners.seedwork.dominio.evento import evento


@evento("PartnerCreado", 1)
@dataclass(frozen=True, slots=True)
class PartnerCreado:
    """It is there, and its e-mail is taken."""

    nombre: str
    email: str
    telefono: str | None
    direccion: str | None
    fecha: datetime
    saga_id: UUID | None = None


@evento("PartnerActualizado", 1)
@dataclass(frozen=True, slots=True)
class PartnerActualizado:
    """Its data are these from now on."""

    nombre: str
    telefono: str | None
    direccion: str | None
    fecha: datetime


@evento("PartnerEliminado", 1)
@dataclass(frozen=True, slots=True)
class PartnerEliminado:
    """It is gone for everybody but the record, and its e-mail is free."""

    fecha: datetime


@evento("KycVerificado", 1)
@dataclass(frozen=True, slots=True)
class KycVerificado:
    """What became of its verification."""

    anterior: str
    nuevo: str
    documentos: dict[str, Any]
    comentarios: str | None
    fecha: datetime


@evento("IntegracionCreada", 1)
@dataclass(frozen=True, slots=True)
class IntegracionCreada:
    """It may be reached, or reaches us, by one more way."""

    integracion_id: UUID
    tipo: str
    nombre: str
    descripcion: str | None
    fecha: datetime
    configuracion: dict[str, Any] = field(default_factory=dict)


@evento("IntegracionRevocada", 1)
@dataclass(frozen=True, slots=True)
class IntegracionRevocada:
    """That way is closed for good."""

    integracion_id: UUID
    motivo: str | None
    fecha: datetime

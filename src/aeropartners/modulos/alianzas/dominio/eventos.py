"""What happens to a contract; the names and versions are stored and never change."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from aeropartners.seedwork.dominio.evento import evento


@evento("ContratoCreado", 1)
@dataclass(frozen=True, slots=True)
class ContratoCreado:
    """It is there, in the state that it was made with."""

    partner_id: str
    tipo: str
    fecha_inicio: date
    fecha_fin: date | None
    monto: Decimal | None
    moneda: str
    condiciones: str | None
    estado: str
    fecha: datetime
    saga_id: UUID | None = None
    advertencia: str | None = None


@evento("ContratoRechazado", 1)
@dataclass(frozen=True, slots=True)
class ContratoRechazado:
    """The compliance rules said no; what could be read of it is kept."""

    partner_id: str
    tipo: str
    fecha_inicio: date
    fecha_fin: date | None
    monto: Decimal | None
    moneda: str
    condiciones: str | None
    causa: str
    validacion: str
    fecha: datetime
    saga_id: UUID | None = None


@evento("ContratoModificado", 1)
@dataclass(frozen=True, slots=True)
class ContratoModificado:
    """Its data are these from now on."""

    estado: str
    monto: Decimal | None
    moneda: str
    fecha_fin: date | None
    condiciones: str | None
    fecha: datetime


@evento("ContratoCancelado", 1)
@dataclass(frozen=True, slots=True)
class ContratoCancelado:
    """Its saga was undone."""

    motivo: str
    fecha: datetime


@evento("AlianzaAnulada", 1)
@dataclass(frozen=True, slots=True)
class AlianzaAnulada:
    """The undo came before the command: the mark that refuses it."""

    partner_id: str
    motivo: str
    fecha: datetime

"""The events of a contract; their names and versions are stored and never change."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from aeropartners.seedwork.dominio.evento import evento


@evento("ContratoCreado", 1)
@dataclass(frozen=True, slots=True)
class ContratoCreado:
    """The contract was created, in this state."""

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
    """The compliance rules refused the contract; the readable fields of the request are kept."""

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
    """The contract has these values from now on."""

    estado: str
    monto: Decimal | None
    moneda: str
    fecha_fin: date | None
    condiciones: str | None
    fecha: datetime


@evento("ContratoCancelado", 1)
@dataclass(frozen=True, slots=True)
class ContratoCancelado:
    """The saga of the contract was undone."""

    motivo: str
    fecha: datetime


@evento("AlianzaAnulada", 1)
@dataclass(frozen=True, slots=True)
class AlianzaAnulada:
    """The undo came before the command: a mark, by which the late command is refused."""

    partner_id: str
    motivo: str
    fecha: datetime

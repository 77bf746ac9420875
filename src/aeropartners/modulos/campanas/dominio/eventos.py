"""What happens to a campaign."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aeropartners.seedwork.dominio.evento import evento


@evento("CampanaCreada", 1)
@dataclass(frozen=True, slots=True)
class CampanaCreada:
    """A campaign was made, as a draft."""

    nombre: str
    tipo: str
    presupuesto_monto: Decimal
    presupuesto_moneda: str
    fecha_inicio: datetime
    fecha_fin: datetime
    id_afiliado: str
    descripcion: str | None
    fecha: datetime


@evento("CampanaActualizada", 1)
@dataclass(frozen=True, slots=True)
class CampanaActualizada:
    """Its information changed; all of it is here."""

    nombre: str
    descripcion: str | None
    fecha_inicio: datetime
    fecha_fin: datetime
    fecha: datetime


@evento("PresupuestoCampanaActualizado", 1)
@dataclass(frozen=True, slots=True)
class PresupuestoCampanaActualizado:
    """Its budget changed."""

    presupuesto_anterior: Decimal
    presupuesto_nuevo: Decimal
    moneda: str
    fecha: datetime


@evento("MetricasCampanaActualizadas", 1)
@dataclass(frozen=True, slots=True)
class MetricasCampanaActualizadas:
    """Its figures changed; all of them are here."""

    impresiones: int
    clicks: int
    conversiones: int
    gasto_actual: Decimal
    fecha: datetime


@evento("CampanaActivada", 1)
@dataclass(frozen=True, slots=True)
class CampanaActivada:
    """It runs."""

    fecha: datetime


@evento("CampanaPausada", 1)
@dataclass(frozen=True, slots=True)
class CampanaPausada:
    """It rests."""

    motivo: str
    fecha: datetime


@evento("CampanaFinalizada", 1)
@dataclass(frozen=True, slots=True)
class CampanaFinalizada:
    """It is over."""

    motivo: str
    fecha: datetime


@evento("CampanaCancelada", 1)
@dataclass(frozen=True, slots=True)
class CampanaCancelada:
    """It was called off."""

    motivo: str
    fecha: datetime


@evento("CampanaAnulada", 1)
@dataclass(frozen=True, slots=True)
class CampanaAnulada:
    """The undo came before the command: the mark that refuses it."""

    motivo: str
    fecha: datetime

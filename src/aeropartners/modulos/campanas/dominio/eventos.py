"""The events of a campaign; their names and versions are stored and never change."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aeropartners.seedwork.dominio.evento import evento


@evento("CampanaCreada", 1)
@dataclass(frozen=True, slots=True)
class CampanaCreada:
    """The campaign was created, as a draft."""

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
    """The campaign's information changed; the event has all of it."""

    nombre: str
    descripcion: str | None
    fecha_inicio: datetime
    fecha_fin: datetime
    fecha: datetime


@evento("PresupuestoCampanaActualizado", 1)
@dataclass(frozen=True, slots=True)
class PresupuestoCampanaActualizado:
    """The campaign's budget changed."""

    presupuesto_anterior: Decimal
    presupuesto_nuevo: Decimal
    moneda: str
    fecha: datetime


@evento("MetricasCampanaActualizadas", 1)
@dataclass(frozen=True, slots=True)
class MetricasCampanaActualizadas:
    """The campaign's figures changed; the event has all of them."""

    impresiones: int
    clicks: int
    conversiones: int
    gasto_actual: Decimal
    fecha: datetime


@evento("CampanaActivada", 1)
@dataclass(frozen=True, slots=True)
class CampanaActivada:
    """The campaign was activated."""

    fecha: datetime


@evento("CampanaPausada", 1)
@dataclass(frozen=True, slots=True)
class CampanaPausada:
    """The campaign was paused."""

    motivo: str
    fecha: datetime


@evento("CampanaFinalizada", 1)
@dataclass(frozen=True, slots=True)
class CampanaFinalizada:
    """The campaign was finished."""

    motivo: str
    fecha: datetime


@evento("CampanaCancelada", 1)
@dataclass(frozen=True, slots=True)
class CampanaCancelada:
    """The campaign was cancelled."""

    motivo: str
    fecha: datetime


@evento("CampanaAnulada", 1)
@dataclass(frozen=True, slots=True)
class CampanaAnulada:
    """The undo came before the command: a mark, by which the late command is refused."""

    motivo: str
    fecha: datetime

"""What happens to a payment; the names and versions are stored and never change."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from aeropartners.seedwork.dominio.evento import evento


@evento("PagoPendiente", 1)
@dataclass(frozen=True, slots=True)
class PagoPendiente:
    """A payment was accepted."""

    id_afiliado: str
    monto: Decimal
    moneda: str
    referencia_pago: str
    fecha: datetime
    metadata: dict[str, Any] = field(default_factory=dict)
    saga_id: UUID | None = None


@evento("PagoProcesando", 1)
@dataclass(frozen=True, slots=True)
class PagoProcesando:
    """Its charge is about to be called: from here on money may have moved."""

    fecha: datetime


@evento("PagoExitoso", 1)
@dataclass(frozen=True, slots=True)
class PagoExitoso:
    """It was charged."""

    fecha: datetime


@evento("PagoFallido", 1)
@dataclass(frozen=True, slots=True)
class PagoFallido:
    """The gateway declined it for good."""

    mensaje_error: str
    fecha: datetime


@evento("PagoRevertido", 1)
@dataclass(frozen=True, slots=True)
class PagoRevertido:
    """It is no longer wanted; what was or will turn out to be charged goes back."""

    motivo: str
    fecha: datetime


@evento("CobroTardio", 1)
@dataclass(frozen=True, slots=True)
class CobroTardio:
    """The charge of a payment that was reverted meanwhile is settled."""

    exito: bool
    fecha: datetime


@evento("ReembolsoConfirmado", 1)
@dataclass(frozen=True, slots=True)
class ReembolsoConfirmado:
    """Nothing of a reverted payment is charged any more."""

    fecha: datetime


@evento("PagoAnulado", 1)
@dataclass(frozen=True, slots=True)
class PagoAnulado:
    """The undo came before the command: the mark that refuses it."""

    motivo: str
    fecha: datetime

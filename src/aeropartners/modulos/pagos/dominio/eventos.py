"""The events of a payment; their names and versions are stored and never change."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from aeropartners.seedwork.dominio.evento import evento


@evento("PagoPendiente", 1)
@dataclass(frozen=True, slots=True)
class PagoPendiente:
    """The payment was accepted."""

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
    """The charge is about to be called: from here on, money may have moved."""

    fecha: datetime


@evento("PagoExitoso", 1)
@dataclass(frozen=True, slots=True)
class PagoExitoso:
    """The payment was charged."""

    fecha: datetime


@evento("PagoFallido", 1)
@dataclass(frozen=True, slots=True)
class PagoFallido:
    """The gateway declined the payment for good."""

    mensaje_error: str
    fecha: datetime


@evento("PagoRevertido", 1)
@dataclass(frozen=True, slots=True)
class PagoRevertido:
    """The payment is not wanted any more; what was charged, or turns out to be, goes back."""

    motivo: str
    fecha: datetime


@evento("CobroTardio", 1)
@dataclass(frozen=True, slots=True)
class CobroTardio:
    """The outcome of a charge whose payment was reverted before it came."""

    exito: bool
    fecha: datetime


@evento("ReembolsoConfirmado", 1)
@dataclass(frozen=True, slots=True)
class ReembolsoConfirmado:
    """No money of the reverted payment is charged any more."""

    fecha: datetime


@evento("PagoAnulado", 1)
@dataclass(frozen=True, slots=True)
class PagoAnulado:
    """The undo came before the command: a mark, by which the late command is refused."""

    motivo: str
    fecha: datetime

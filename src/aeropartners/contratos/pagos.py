"""The commands of payments, and the orders to the caller of the gateway."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import mensaje

TEMA_COMANDOS = "comandos-pagos"
TEMA_LLAMADAS = "llamadas-pagos"
TEMA_EVENTOS = "pagos-events"
TEMA_MUERTOS = "payments.DLQ"
SUSCRIPCION = "pagos"
SUSCRIPCION_LLAMADAS = "pagos-pasarela"
TEMAS_ESPEJO = {
    "PagoPendiente": "payments.evt.pending",
    "PagoExitoso": "payments.evt.completed",
    "PagoFallido": "payments.evt.failed",
}


@mensaje("CrearPago", 1)
@dataclass(frozen=True, slots=True)
class CrearPago:
    """Create a payment with valid fields."""

    id: UUID
    id_afiliado: str
    monto: Decimal
    moneda: str
    referencia_pago: str
    metadata: dict[str, Any] = field(default_factory=dict)


@mensaje("ProcesarPago", 1)
@dataclass(frozen=True, slots=True)
class ProcesarPago:
    """Create a payment from a saga's initial data, which are not validated yet."""

    id: UUID
    datos: dict[str, Any]


@mensaje("RevertirPago", 1)
@dataclass(frozen=True, slots=True)
class RevertirPago:
    """Revert a payment: give the money back, or never take it."""

    id: UUID
    motivo: str
    saga_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Cargo:
    """The data of a charge for the gateway; `forzar_fallo` and `metodo` come from the payment's metadata."""

    monto: Decimal
    moneda: str
    referencia_pago: str
    metodo: str = ""
    forzar_fallo: bool = False


@mensaje("CobrarPago", 1)
@dataclass(frozen=True, slots=True)
class CobrarPago:
    """Order to the caller: charge the payment, not before `no_antes`."""

    id: UUID
    cargo: Cargo
    no_antes: datetime


@mensaje("ReembolsarPago", 1)
@dataclass(frozen=True, slots=True)
class ReembolsarPago:
    """Order to the caller: give the charge back, after settling it if its outcome is unknown."""

    id: UUID
    cargo: Cargo
    cobrado: bool


@mensaje("MarcarProcesando", 1)
@dataclass(frozen=True, slots=True)
class MarcarProcesando:
    """Mark that the charge is about to be called (second commit of a payment)."""

    id: UUID


@mensaje("RegistrarCobro", 1)
@dataclass(frozen=True, slots=True)
class RegistrarCobro:
    """Record the gateway's definite outcome of the charge."""

    id: UUID
    exito: bool
    mensaje_error: str | None = None


@mensaje("RegistrarReembolso", 1)
@dataclass(frozen=True, slots=True)
class RegistrarReembolso:
    """Record that no money of the payment is charged any more; `cobrado`: it had been charged."""

    id: UUID
    cobrado: bool = True

"""Commands that payments take, and the orders to their gateway caller."""

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
    """Create a payment whose parts are valid in form."""

    id: UUID
    id_afiliado: str
    monto: Decimal
    moneda: str
    referencia_pago: str
    metadata: dict[str, Any] = field(default_factory=dict)


@mensaje("ProcesarPago", 1)
@dataclass(frozen=True, slots=True)
class ProcesarPago:
    """Create a payment from the body that a client gave a saga: anything may be wrong in it."""

    id: UUID
    datos: dict[str, Any]


@mensaje("RevertirPago", 1)
@dataclass(frozen=True, slots=True)
class RevertirPago:
    """Give the money back, or never take it."""

    id: UUID
    motivo: str
    saga_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Cargo:
    """What the gateway needs to know of a charge; `forzar_fallo` and `metodo` come from the metadata."""

    monto: Decimal
    moneda: str
    referencia_pago: str
    metodo: str = ""
    forzar_fallo: bool = False


@mensaje("CobrarPago", 1)
@dataclass(frozen=True, slots=True)
class CobrarPago:
    """Order to the caller: charge, not before a moment."""

    id: UUID
    cargo: Cargo
    no_antes: datetime


@mensaje("ReembolsarPago", 1)
@dataclass(frozen=True, slots=True)
class ReembolsarPago:
    """Order to the caller: settle the charge unless it is known to be made, then give it back."""

    id: UUID
    cargo: Cargo
    cobrado: bool


@mensaje("MarcarProcesando", 1)
@dataclass(frozen=True, slots=True)
class MarcarProcesando:
    """The charge is about to be called (second commit of a payment)."""

    id: UUID


@mensaje("RegistrarCobro", 1)
@dataclass(frozen=True, slots=True)
class RegistrarCobro:
    """The gateway's definite answer to the charge."""

    id: UUID
    exito: bool
    mensaje_error: str | None = None


@mensaje("RegistrarReembolso", 1)
@dataclass(frozen=True, slots=True)
class RegistrarReembolso:
    """Nothing of this payment is charged any more; `cobrado` tells whether anything had been."""

    id: UUID
    cobrado: bool = True

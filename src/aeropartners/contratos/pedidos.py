"""The commands of the coffee shop's orders; the orchestrator sends all of them."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import mensaje

TEMA_COMANDOS = "comandos-pedidos"
TEMA_MUERTOS = "dlq-pedidos"
SUSCRIPCION = "pedidos"


@dataclass(frozen=True, slots=True)
class ItemPedido:
    """So many units of one product, at the price that the saga read."""

    producto_id: int
    nombre: str
    cantidad: int
    precio_unitario: Decimal


@mensaje("CrearPedido", 1)
@dataclass(frozen=True, slots=True)
class CrearPedido:
    """Build the order of a saga; `numero` is what clients know it by."""

    id: UUID
    saga_id: UUID
    numero: int
    cliente: str
    items: tuple[ItemPedido, ...]


@mensaje("ConfirmarPedido", 1)
@dataclass(frozen=True, slots=True)
class ConfirmarPedido:
    """Confirm an order that was created."""

    id: UUID


@mensaje("CancelarPedido", 1)
@dataclass(frozen=True, slots=True)
class CancelarPedido:
    """Cancel an order: the undo of its confirmation."""

    id: UUID


@mensaje("EliminarPedido", 1)
@dataclass(frozen=True, slots=True)
class EliminarPedido:
    """Remove an order: the undo of its creation, which it may come before."""

    id: UUID


@mensaje("MarcarFallido", 1)
@dataclass(frozen=True, slots=True)
class MarcarFallido:
    """Mark an order whose saga could not be undone, if the order is still there; it has no reply."""

    id: UUID

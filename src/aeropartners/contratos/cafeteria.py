"""The coffee shop's sagas and topics: how an order begins, and where its stock is asked for (000)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import mensaje

SISTEMA = "cafeteria"
TIPO_PEDIDO = "CREAR_PEDIDO"
CONTADOR_PEDIDOS = "cafeteria-pedido"
TEMA_INVENTARIO = "comandos-cafeteria-inventario"
TEMA_MUERTOS_INVENTARIO = "dlq-cafeteria-inventario"


@mensaje("PedirPedido", 1)
@dataclass(frozen=True, slots=True)
class PedirPedido:
    """Begin the saga of an order; its items have `producto_id` and `cantidad`, and their form is right."""

    saga_id: UUID
    cliente: str
    items: list[dict[str, Any]]

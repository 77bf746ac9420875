"""The order by its events: given these, when a command, then those or a named broken rule."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from aeropartners.modulos.pedidos.dominio.pedido import (
    Estado,
    Item,
    Pedido,
    PedidoCancelado,
    PedidoConfirmado,
    PedidoCreado,
    PedidoEliminado,
    PedidoMarcadoFallido,
)
from aeropartners.seedwork.dominio.errores import ErrorDeDominio

T = datetime(2026, 1, 1, tzinfo=UTC)
LUEGO = T + timedelta(seconds=1)
ITEMS = (Item(1, "Café Americano", 2, Decimal("2.50")), Item(3, "Latte", 1, Decimal("4.00")))
CREADO = PedidoCreado(UUID(int=7), 1, "Juan Pérez", ITEMS, T)
CONFIRMADO, CANCELADO = PedidoConfirmado(T), PedidoCancelado(T)
FALLIDO, ELIMINADO = PedidoMarcadoFallido(T), PedidoEliminado(T)
# The events that lead to each state; before any, there is no order.
CAMINOS: dict[str, tuple[object, ...]] = {
    "ninguno": (),
    "pendiente": (CREADO,),
    "confirmado": (CREADO, CONFIRMADO),
    "cancelado": (CREADO, CONFIRMADO, CANCELADO),
    "fallido": (CREADO, FALLIDO),
    "eliminado": (CREADO, ELIMINADO),
    "anulado": (ELIMINADO,),
}
ORDENES: dict[str, Callable[[Pedido], object]] = {
    "crear": lambda p: p.crear(replace(CREADO, fecha=LUEGO)),
    "confirmar": lambda p: p.confirmar(LUEGO),
    "cancelar": lambda p: p.cancelar(LUEGO),
    "marcar": lambda p: p.marcar_fallido(LUEGO),
    "eliminar": lambda p: p.eliminar(LUEGO),
}
# What each order does in each state: the event, a code, or nothing at all.
HECHO: dict[str, dict[str, object]] = {
    "crear": {
        "ninguno": PedidoCreado,
        "eliminado": "PEDIDO_ELIMINADO",
        "anulado": "PEDIDO_ELIMINADO",
    },
    "confirmar": {
        "ninguno": "PEDIDO_NO_ENCONTRADO",
        "pendiente": PedidoConfirmado,
        "cancelado": "ESTADO_NO_PERMITE",
        "fallido": "ESTADO_NO_PERMITE",
        "eliminado": "PEDIDO_ELIMINADO",
        "anulado": "PEDIDO_ELIMINADO",
    },
    "cancelar": dict.fromkeys(("pendiente", "confirmado", "fallido"), PedidoCancelado),
    "marcar": dict.fromkeys(("pendiente", "confirmado", "cancelado"), PedidoMarcadoFallido),
    "eliminar": dict.fromkeys(
        ("ninguno", "pendiente", "confirmado", "cancelado", "fallido"), PedidoEliminado
    ),
}


def dado(*eventos: object) -> Pedido:
    """Return an order to which this happened."""
    pedido = Pedido(UUID(int=9))
    pedido.reproducir(list(eventos))
    return pedido


@pytest.mark.parametrize("orden", ORDENES)
@pytest.mark.parametrize("camino", CAMINOS)
def test_cada_orden_en_cada_estado(orden: str, camino: str) -> None:
    """It does this, is refused by that rule, or is done already; a second time it changes nothing more."""
    pedido, esperado = dado(*CAMINOS[camino]), HECHO[orden].get(camino)
    if isinstance(esperado, str):
        with pytest.raises(ErrorDeDominio) as error:
            ORDENES[orden](pedido)
        assert error.value.codigo == esperado
        assert pedido.pendientes == []
        return
    for _ in range(2):
        ORDENES[orden](pedido)
        assert [type(e) for e in pedido.pendientes] == ([esperado] if esperado else [])


@pytest.mark.parametrize("camino", ["pendiente", "confirmado", "cancelado", "fallido"])
def test_crear_otra_vez_dice_lo_mismo(camino: str) -> None:
    """What it was created as, whatever came of it, and not what the repeat says."""
    assert dado(*CAMINOS[camino]).crear(replace(CREADO, cliente="otro", fecha=LUEGO)) == CREADO


def test_el_total_es_exacto() -> None:
    """The sum of price by quantity, in decimals; without items nothing."""
    assert [item.subtotal for item in ITEMS] == [Decimal("5.00"), Decimal("4.00")]
    assert str(CREADO.total) == "9.00"
    assert replace(CREADO, items=(Item(1, "x", 3, Decimal("0.10")),)).total == Decimal("0.30")
    assert str(replace(CREADO, items=()).total) == "0.00"


@pytest.mark.parametrize("item", [Item(1, "x", 10**12, Decimal("1.00")), Item(1, "x", -1, Decimal("1.00"))])
def test_un_total_que_ninguna_tabla_guarda_se_rechaza(item: Item) -> None:
    """As a rule, so that the saga is undone and no message is a dead letter."""
    pedido = dado()
    with pytest.raises(ErrorDeDominio) as error:
        pedido.crear(replace(CREADO, items=(item,)))
    assert (error.value.codigo, pedido.pendientes) == ("TOTAL_INVALIDO", [])


def test_un_pedido_sabe_cuando_cambio() -> None:
    """And where it stands."""
    pedido = dado(CREADO, PedidoConfirmado(LUEGO))
    assert (pedido.estado, pedido.ficha, pedido.actualizado) == (Estado.CONFIRMADO, CREADO, LUEGO)

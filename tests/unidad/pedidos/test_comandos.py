"""Orders by their commands: the reply of each, and who gets none."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from aeropartners.contratos.pedidos import (
    CancelarPedido,
    ConfirmarPedido,
    CrearPedido,
    EliminarPedido,
    ItemPedido,
    MarcarFallido,
)
from aeropartners.modulos.pedidos.modulo import MODULO
from aeropartners.seedwork.aplicacion.mensajes import Respuesta
from tests.dobles.unidad_de_trabajo import ID, SAGA, UnidadEnMemoria

ITEMS = (
    ItemPedido(1, "Café Americano", 2, Decimal("2.5")),
    ItemPedido(3, "Latte", 1, Decimal("4")),
)
CREAR = CrearPedido(ID, SAGA, 1, "Juan Pérez", ITEMS)
CREADO = Respuesta(exito=True, resultado={"id": str(ID), "numero": 1, "total": "9.00"})
HECHO = Respuesta(exito=True, resultado={"id": str(ID)})


@pytest.fixture
def pedidos() -> UnidadEnMemoria:
    """No order yet."""
    return UnidadEnMemoria(MODULO, datetime(2026, 1, 1, tzinfo=UTC))


def test_el_camino_de_una_saga(pedidos: UnidadEnMemoria) -> None:
    """Created, confirmed, undone: each is answered, a repeat with the same answer."""
    for orden, respuesta in (
        (CREAR, CREADO),
        (ConfirmarPedido(ID), HECHO),
        (CREAR, CREADO),
        (CancelarPedido(ID), HECHO),
        (CREAR, CREADO),
        (EliminarPedido(ID), HECHO),
    ):
        assert [pedidos.saga(orden, "x") for _ in range(2)] == [respuesta] * 2
    hechos = ["PedidoCreado", "PedidoConfirmado", "PedidoCancelado", "PedidoEliminado"]
    assert pedidos.eventos() == hechos


def test_deshacer_antes_de_hacer(pedidos: UnidadEnMemoria) -> None:
    """Undos that come first count as done; the late commands are refused for good."""
    assert [pedidos.saga(o, "x") for o in (CancelarPedido(ID), EliminarPedido(ID))] == [HECHO, HECHO]
    for tarde in (CREAR, ConfirmarPedido(ID)):
        respuesta = pedidos.saga(tarde, "x")
        assert respuesta
        assert (respuesta.exito, respuesta.codigo, respuesta.reintentable) == (
            False,
            "PEDIDO_ELIMINADO",
            False,
        )
    assert pedidos.eventos() == ["PedidoEliminado"]


def test_confirmar_lo_cancelado_se_rechaza(pedidos: UnidadEnMemoria) -> None:
    """Also when the cancellation overtook the confirmation."""
    pedidos.saga(CREAR, "x")
    pedidos.saga(CancelarPedido(ID), "x")
    respuesta = pedidos.saga(ConfirmarPedido(ID), "x")
    assert respuesta == Respuesta(
        exito=False, codigo="ESTADO_NO_PERMITE", error="Un pedido cancelado no se confirma"
    )


def test_marcar_fallido_no_se_contesta(pedidos: UnidadEnMemoria) -> None:
    """Without an order it is nothing; after it the undos go on."""
    assert pedidos.saga(MarcarFallido(ID), "x") is None
    assert pedidos.eventos() == []
    pedidos.saga(CREAR, "x")
    assert pedidos.saga(MarcarFallido(ID), "x") is None
    assert pedidos.saga(CancelarPedido(ID), "x") == HECHO
    assert pedidos.eventos() == ["PedidoCreado", "PedidoMarcadoFallido", "PedidoCancelado"]

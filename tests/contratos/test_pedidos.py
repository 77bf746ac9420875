"""The wire of orders: what was stored or sent never changes."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from aeropartners.contratos.pedidos import (
    SUSCRIPCION,
    TEMA_COMANDOS,
    TEMA_MUERTOS,
    CancelarPedido,
    ConfirmarPedido,
    CrearPedido,
    EliminarPedido,
    ItemPedido,
    MarcarFallido,
)
from aeropartners.modulos.pedidos.dominio.pedido import (
    Item,
    PedidoCancelado,
    PedidoConfirmado,
    PedidoCreado,
    PedidoEliminado,
    PedidoMarcadoFallido,
)
from aeropartners.modulos.pedidos.modulo import MODULO
from aeropartners.seedwork.aplicacion.serializacion import Diccionario, codificar
from aeropartners.seedwork.dominio.evento import nombre_de

ID, SAGA = UUID(int=2), UUID(int=3)
FECHA = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_ID = '"id":"00000000-0000-0000-0000-000000000002"'
_FECHA = '"fecha":"2026-01-02T03:04:05Z"'
_QUE = (
    '"saga_id":"00000000-0000-0000-0000-000000000003","numero":1,"cliente":"Juan Pérez",'
    '"items":[{"producto_id":1,"nombre":"Café","cantidad":2,"precio_unitario":"2.50"}]'
)
_ITEM = (1, "Café", 2, Decimal("2.50"))
DORADOS: list[tuple[object, str]] = [
    (CrearPedido(ID, SAGA, 1, "Juan Pérez", (ItemPedido(*_ITEM),)), f"{{{_ID},{_QUE}}}"),
    *((clase(ID), f"{{{_ID}}}") for clase in (ConfirmarPedido, CancelarPedido)),
    *((clase(ID), f"{{{_ID}}}") for clase in (EliminarPedido, MarcarFallido)),
    (PedidoCreado(SAGA, 1, "Juan Pérez", (Item(*_ITEM),), FECHA), f"{{{_QUE},{_FECHA}}}"),
    *((clase(FECHA), f"{{{_FECHA}}}") for clase in (PedidoConfirmado, PedidoCancelado)),
    *((clase(FECHA), f"{{{_FECHA}}}") for clase in (PedidoMarcadoFallido, PedidoEliminado)),
]


@pytest.mark.parametrize(("objeto", "dorado"), DORADOS, ids=[type(o).__name__ for o, _ in DORADOS])
def test_dorado(objeto: object, dorado: str) -> None:
    """Each message and stored event has its name, version 1 and its JSON, in both directions."""
    nombre = type(objeto).__name__
    assert nombre_de(type(objeto)) == (nombre, 1)
    assert codificar(objeto).decode() == dorado
    assert Diccionario([type(objeto)]).descifrar(nombre, 1, dorado) == objeto


def test_todo_tiene_su_json() -> None:
    """Every event that the module stores, and every message that it takes."""
    guardados = {nombre_de(e)[0] for clase in MODULO.agregados for e in clase.eventos}
    tomados = {nombre for nombre, _ in MODULO.conocidas}
    assert guardados | tomados == {type(objeto).__name__ for objeto, _ in DORADOS}


def test_los_nombres_que_otros_tienen() -> None:
    """Topics and streams: rows and messages of every release hang on them."""
    assert (TEMA_COMANDOS, TEMA_MUERTOS, SUSCRIPCION) == ("comandos-pedidos", "dlq-pedidos", "pedidos")
    assert (MODULO.temas, MODULO.tema_muertos) == (("comandos-pedidos",), "dlq-pedidos")
    assert (MODULO.consumidor, [c.tipo for c in MODULO.agregados]) == ("pedidos", ["cafeteria-pedido"])

"""The edge of the orders' sagas: how one begins, and the mark of an order whose undo is stuck."""

from collections.abc import Sequence
from typing import Any

from aeropartners.contratos.cafeteria import CONTADOR_PEDIDOS, TIPO_PEDIDO, PedirPedido
from aeropartners.contratos.pedidos import TEMA_COMANDOS, MarcarFallido
from aeropartners.contratos.saga import IniciarSaga
from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.modulo import Contexto
from saga_orchestrator.aplicacion.borde import Anuncio, Borde
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.sistemas.cafeteria.definicion import CREAR
from saga_orchestrator.sistemas.cafeteria.lineas import lineas


def _iniciar(m: PedirPedido, contexto: Contexto) -> tuple[IniciarSaga, Sequence[Envio]]:
    """Give the order its number; a saga that has begun keeps the one that it has."""
    saga = contexto.flujo(Saga, m.saga_id)
    datos: dict[str, Any] = {"cliente": m.cliente, "items": m.items}
    if not saga.existe:
        datos["numero"] = contexto.numero(CONTADOR_PEDIDOS)
    return IniciarSaga(m.saga_id, TIPO_PEDIDO, datos), ()


def _fallido(saga: Saga) -> object:
    return MarcarFallido(saga.id_de(CREAR))


def borde() -> Borde:
    """Return the edge."""
    return Borde(
        inicios={PedirPedido: _iniciar},
        contadores={PedirPedido: (CONTADOR_PEDIDOS,)},
        anuncios={TIPO_PEDIDO: (Anuncio(Tipo.COMPENSACION_FALLIDA, TEMA_COMANDOS, _fallido),)},
        lineas={TIPO_PEDIDO: lineas},
    )

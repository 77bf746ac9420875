"""Handlers of orders: what a saga asks, each of which may come twice or late."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aeropartners.contratos.pedidos import (
    CancelarPedido,
    ConfirmarPedido,
    CrearPedido,
    EliminarPedido,
    MarcarFallido,
)
from aeropartners.modulos.pedidos.dominio.pedido import Item, Pedido, PedidoCreado
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision, Manejador
from aeropartners.seedwork.aplicacion.serializacion import numero as en_moneda


def crear(m: CrearPedido, contexto: Contexto) -> Decision:
    """Create the order; a repeat gets the same answer."""
    items = tuple(Item(i.producto_id, i.nombre, i.cantidad, i.precio_unitario) for i in m.items)
    nueva = PedidoCreado(m.saga_id, m.numero, m.cliente, items, contexto.ahora)
    ficha = contexto.flujo(Pedido, m.id).crear(nueva)
    resultado = {"id": str(m.id), "numero": ficha.numero, "total": str(en_moneda(ficha.total))}
    return Decision(respuesta=Respuesta(exito=True, resultado=resultado))


def confirmar(m: ConfirmarPedido, contexto: Contexto) -> Decision:
    """Confirm the order."""
    contexto.flujo(Pedido, m.id).confirmar(contexto.ahora)
    return _hecho(m.id)


def cancelar(m: CancelarPedido, contexto: Contexto) -> Decision:
    """Cancel the order, if there is one."""
    contexto.flujo(Pedido, m.id).cancelar(contexto.ahora)
    return _hecho(m.id)


def eliminar(m: EliminarPedido, contexto: Contexto) -> Decision:
    """Remove the order, or see to it that it does not come."""
    contexto.flujo(Pedido, m.id).eliminar(contexto.ahora)
    return _hecho(m.id)


def marcar_fallido(m: MarcarFallido, contexto: Contexto) -> Decision:
    """Mark the order, if there is one; nobody waits for a reply."""
    contexto.flujo(Pedido, m.id).marcar_fallido(contexto.ahora)
    return Decision()


def _hecho(id: UUID) -> Decision:
    return Decision(respuesta=Respuesta(exito=True, resultado={"id": str(id)}))


def _suyo(m: Any, _sobre: Sobre) -> Sequence[UUID]:
    return (m.id,)


MANEJADORES = (
    Manejador(CrearPedido, crear, _suyo),
    Manejador(ConfirmarPedido, confirmar, _suyo),
    Manejador(CancelarPedido, cancelar, _suyo),
    Manejador(EliminarPedido, eliminar, _suyo),
    Manejador(MarcarFallido, marcar_fallido, _suyo),
)

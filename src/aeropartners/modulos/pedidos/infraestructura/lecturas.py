"""The read table of orders and the queries of its API."""

from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import JSON, BigInteger, Column, Integer, String, Table, Text, func, select

from aeropartners.modulos.pedidos.dominio.pedido import Estado, Item, Pedido
from aeropartners.seedwork.aplicacion.serializacion import codificar_publico
from aeropartners.seedwork.aplicacion.serializacion import numero as en_moneda
from aeropartners.seedwork.infraestructura.almacen.almacen import Lectura
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento, Monto

pedidos = Table(
    "pedidos_cafeteria",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("numero", BigInteger),
    Column("cliente", Text),
    Column("items", JSON),
    Column("total", Monto),
    Column("estado", String(20)),
    Column("saga_id", Id),
    Column("created_at", Momento),
    Column("updated_at", Momento),
    Column("version", Integer),
)
_QUEDAN = pedidos.c.estado != str(Estado.ELIMINADO)
DINERO = ("precio_unitario", "subtotal")


def _fila(pedido: Pedido) -> Fila | None:
    """A mark of an undo that came first has no row; what was removed keeps one, which no list shows."""
    ficha = pedido.ficha
    if ficha is None:
        return None
    return {
        "id": pedido.id,
        "numero": ficha.numero,
        "cliente": ficha.cliente,
        "items": msgspec.Raw(codificar_publico([_item(i) for i in ficha.items])),
        "total": ficha.total,
        "estado": str(pedido.estado),
        "saga_id": ficha.saga_id,
        "created_at": ficha.fecha,
        "updated_at": pedido.actualizado,
    }


def _item(i: Item) -> dict[str, object]:
    dinero = {"precio_unitario": en_moneda(i.precio_unitario), "subtotal": en_moneda(i.subtotal)}
    return {"producto_id": i.producto_id, "nombre": i.nombre, "cantidad": i.cantidad, **dinero}


LECTURA = Lectura(pedidos, _fila)


def _pedido(fila: Any) -> dict[str, Any]:
    items = [{**i, **{c: en_moneda(Decimal(str(i[c]))) for c in DINERO}} for i in fila.items]
    propios = {"id": fila.numero, "cliente": fila.cliente, "items": items}
    return {**propios, "total": en_moneda(fila.total), "estado": fila.estado}


class LecturasPedidos:
    """Queries over the orders that were not removed, each as the contract's object `pedido` (000, section 2).

    Its money is Decimal with its cents.
    """

    def __init__(self, motor: Motor) -> None:
        self._motor = motor

    def uno(self, numero: int) -> dict[str, Any] | None:
        """Return an order by its number; None when there is none."""
        consulta = select(pedidos).where(pedidos.c.numero == numero, _QUEDAN)
        with self._motor.lectura() as con:
            fila = con.execute(consulta).first()
        return _pedido(fila) if fila else None

    def lista(self, limite: int | None, desde: int) -> tuple[list[dict[str, Any]], int]:
        """Return a page, by number, and the number of all orders."""
        pagina = select(pedidos).where(_QUEDAN).order_by(pedidos.c.numero)
        # SQLite does not allow OFFSET without LIMIT.
        pagina = pagina.limit(2**62 if limite is None else limite).offset(desde)
        with self._motor.lectura() as con:
            total = con.scalar(select(func.count()).select_from(pedidos).where(_QUEDAN))
            filas = con.execute(pagina).all()
        return [_pedido(f) for f in filas], int(total or 0)

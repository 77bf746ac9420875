"""The read tables of the menu and the queries of its API."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, String, Table, Text, select

from aeropartners.modulos.menu.dominio.catalogo import Categoria
from aeropartners.modulos.menu.dominio.producto import Producto
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.almacen.almacen import Lectura
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Id, Monto

productos = Table(
    "menu_productos",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("numero", BigInteger),
    Column("nombre", String(255)),
    Column("descripcion", Text),
    Column("precio", Monto),
    Column("categoria_id", BigInteger),
    Column("disponible", Boolean),
    Column("tamano", String(20)),
    Column("ingredientes", JSON),
    Column("calorias", Integer),
    Column("version", Integer),
)
categorias = Table(
    "menu_categorias",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("numero", BigInteger),
    Column("nombre", String(255)),
    Column("descripcion", Text),
    Column("tipo", String(20)),
    Column("activa", Boolean),
    Column("version", Integer),
)


def _fila_de_producto(producto: Producto) -> Fila | None:
    f = producto.ficha
    if f is None:
        return None
    return {
        "id": producto.id,
        "numero": f.numero,
        "nombre": f.nombre,
        "descripcion": f.descripcion,
        "precio": f.precio,
        "categoria_id": f.categoria_id,
        "disponible": f.disponible,
        "tamano": f.tamano,
        "ingredientes": None if f.ingredientes is None else msgspec.Raw(codificar(f.ingredientes)),
        "calorias": f.calorias,
    }


def _fila_de_categoria(categoria: Categoria) -> Fila | None:
    f = categoria.ficha
    if f is None:
        return None
    propias = {"numero": f.numero, "nombre": f.nombre, "descripcion": f.descripcion, "tipo": f.tipo}
    return {"id": categoria.id, **propias, "activa": True}


LECTURAS = {
    Producto: Lectura(productos, _fila_de_producto),
    Categoria: Lectura(categorias, _fila_de_categoria),
}


class LecturasMenu:
    """Queries that return rows in the contract's field names."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor

    def productos(self) -> Sequence[Any]:
        """Return all products, by number."""
        with self._motor.lectura() as con:
            return con.execute(select(productos).order_by(productos.c.numero)).all()

    def producto(self, numero: int) -> Any:
        """Return the row of a product; None when there is none."""
        with self._motor.lectura() as con:
            return con.execute(select(productos).where(productos.c.numero == numero)).first()

    def por_categoria(self) -> Sequence[tuple[str, Sequence[Any]]]:
        """Return the name of each category and its products, both by number."""
        with self._motor.lectura() as con:
            todas = con.execute(select(categorias).order_by(categorias.c.numero)).all()
        filas = self.productos()
        return [(c.nombre, [f for f in filas if f.categoria_id == c.numero]) for c in todas]

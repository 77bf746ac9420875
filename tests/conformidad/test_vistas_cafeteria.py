"""The coffee shop's relations as an SQL reader sees them (contract 000, section 5), on both databases."""

import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from aeropartners.contratos.inventario import ConsumirReserva, SoltarReserva
from aeropartners.seedwork.infraestructura.base.motor import Motor
from tests.conformidad.cafeteria import STOCK, Cafeteria
from tests.conformidad.test_proyecciones import SOLO_POSTGRES

VISTAS = {
    "productos": "id nombre descripcion precio categoria_id disponible tamano ingredientes calorias",
    "categorias": "id nombre descripcion tipo activa",
    "pedidos": "id cliente items total estado saga_id created_at updated_at",
    "existencias": "producto_id stock reservado",
    "reservas": "id saga_id producto_id cantidad estado expira_en",
}
TIPOS = {
    "numeric": "precio total",
    "bigint": "id categoria_id producto_id stock reservado cantidad",
    "boolean": "disponible activa",
    "json": "items ingredientes",
    "uuid": "saga_id",
    "timestamp with time zone": "created_at updated_at expira_en",
}


@pytest.fixture
def cafeteria(motor: Motor) -> Cafeteria:
    """An open coffee shop with one confirmed order."""
    return Cafeteria(motor).abrir().confirmar(1)


def como_json(valor: Any) -> Any:
    """Return a document as each database hands it over."""
    return json.loads(valor) if isinstance(valor, str) else valor


def test_cada_vista_tiene_sus_columnas(cafeteria: Cafeteria) -> None:
    """Those that the contract names."""
    cafeteria.reservar(p1=1)
    for nombre, columnas in VISTAS.items():
        primera = cafeteria.vista(nombre, "1")[0]
        assert list(primera) == columnas.split(), nombre


@SOLO_POSTGRES
def test_cada_columna_tiene_su_tipo(cafeteria: Cafeteria) -> None:
    """Numbers, money, documents, ids and instants; what is none of them is text."""
    consulta = text(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'cafeteria'"
    )
    de = {columna: tipo for tipo, columnas in TIPOS.items() for columna in columnas.split()}
    with cafeteria.motor.lectura() as con:
        for tabla, columna, tipo in con.execute(consulta):
            if (tabla, columna) == ("reservas", "id") or columna not in de:
                assert tipo in ("character varying", "text", "integer"), f"{tabla}.{columna}"
            else:
                assert tipo == de[columna], f"{tabla}.{columna}"


def test_la_carta(cafeteria: Cafeteria) -> None:
    """Products by their number, with a price that is a number."""
    productos = cafeteria.vista("productos")
    assert [p["id"] for p in productos] == [1, 2, 3, 4, 5, 6, 7, 8]
    cafe = productos[0]
    assert (cafe["nombre"], Decimal(str(cafe["precio"]))) == ("Café Americano", Decimal("2.5"))
    assert como_json(cafe["ingredientes"]) == ["espresso", "agua"]
    assert [bool(p["disponible"]) for p in productos] == [True] * 7 + [False]
    categorias = cafeteria.vista("categorias")
    assert [c["tipo"] for c in categorias] == ["bebidas_calientes", "bebidas_frias", "postres", "snacks"]
    assert {p["categoria_id"] for p in productos} == {c["id"] for c in categorias}


def test_los_pedidos(cafeteria: Cafeteria) -> None:
    """By the number that clients know; money is a number in the items as well."""
    [pedido] = cafeteria.vista("pedidos")
    assert (pedido["id"], pedido["cliente"], pedido["estado"]) == (1, "Juan Pérez", "confirmado")
    assert Decimal(str(pedido["total"])) == 9
    items = como_json(pedido["items"])
    assert [(i["producto_id"], i["cantidad"]) for i in items] == [(1, 2), (3, 1)]
    assert [(i["precio_unitario"], i["subtotal"]) for i in items] == [(2.5, 5), (4, 4)]


def test_el_stock(cafeteria: Cafeteria) -> None:
    """What is there and what is reserved, by product."""
    cafeteria.reservar(p3=4)
    filas = cafeteria.vista("existencias", "producto_id")
    assert {e["producto_id"]: (e["stock"], e["reservado"]) for e in filas} == {
        n: (STOCK, 4 if n == 3 else 0) for n in range(1, 9)
    }


def test_las_reservas(cafeteria: Cafeteria) -> None:
    """One row a saga and product, in the contract's words; what came back is `liberada` as well."""
    activa, consumida, liberada, devuelta = (cafeteria.reservar(p1=n, p3=1) for n in (1, 2, 3, 4))
    cafeteria.hacer(
        cafeteria.inventario,
        ConsumirReserva(consumida[0]),
        SoltarReserva(liberada[0]),
        ConsumirReserva(devuelta[0]),
        SoltarReserva(devuelta[0]),
        SoltarReserva(UUID(int=5)),
    )
    filas = cafeteria.vista("reservas")
    assert len({f["id"] for f in filas}) == len(filas) == 8
    vistas = {(UUID(str(f["saga_id"])), f["producto_id"]): (f["cantidad"], f["estado"]) for f in filas}
    esperadas = {}
    for (_, saga), cantidad, estado in zip(
        (activa, consumida, liberada, devuelta),
        (1, 2, 3, 4),
        ("activa", "consumida", "liberada", "liberada"),
        strict=True,
    ):
        esperadas |= {(saga, 1): (cantidad, estado), (saga, 3): (1, estado)}
    assert vistas == esperadas
    assert all(f["expira_en"] for f in filas)


@SOLO_POSTGRES
def test_quien_puede_leer(cafeteria: Cafeteria) -> None:
    """The application's role reads them and writes none; a reader needs no more than the grant of a view."""
    lector = f"lector_{cafeteria.ids.nuevo().hex}"
    with cafeteria.motor.escritura() as con:
        con.exec_driver_sql(f"CREATE ROLE {lector}")
        con.exec_driver_sql(f"GRANT SELECT ON cafeteria.pedidos TO {lector}")
        con.exec_driver_sql("SET LOCAL ROLE aeropartners_app")
        for vista in VISTAS:
            con.exec_driver_sql(f"SELECT * FROM cafeteria.{vista}")
        with pytest.raises(ProgrammingError, match="permission denied"), con.begin_nested():
            con.exec_driver_sql("UPDATE cafeteria.categorias SET nombre = 'x'")
        con.exec_driver_sql(f"SET LOCAL ROLE {lector}")
        assert con.exec_driver_sql("SELECT id FROM cafeteria.pedidos").scalars().all() == [1]
        for negada in ("cafeteria.reservas", "pedidos_cafeteria"):
            with pytest.raises(ProgrammingError, match="permission denied"), con.begin_nested():
                con.exec_driver_sql(f"SELECT * FROM {negada}")
        con.rollback()

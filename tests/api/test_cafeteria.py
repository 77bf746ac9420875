"""What clients read of the coffee shop: menu, orders, and what is reserved (000, sections 2 and 4)."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from aeropartners.contratos.pedidos import ConfirmarPedido, EliminarPedido
from aeropartners.modulos.inventario.cafeteria.reservas import rutas as rutas_reservas
from aeropartners.modulos.menu import modulo as menu
from aeropartners.modulos.pedidos import modulo as pedidos
from aeropartners.seedwork.infraestructura import migraciones
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.web.acceso.control import SIN_CLAVES
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from tests.api.documentos import documento, exigir_declarado
from tests.conformidad.cafeteria import Cafeteria

PEDIDOS = "/api/v1/pedidos/"


@pytest.fixture
def cafeteria(tmp_path: Path) -> Iterator[Cafeteria]:
    """An open coffee shop without orders."""
    motor = Motor(f"sqlite:///{tmp_path / 'base.db'}")
    migraciones.aplicar(motor)
    yield Cafeteria(motor).abrir()
    motor.cerrar()


@pytest.fixture
def cliente(cafeteria: Cafeteria) -> FlaskClient:
    """Who reads it."""
    motor = cafeteria.motor
    rutas = [*menu.rutas(motor), *pedidos.rutas(motor), *rutas_reservas(motor)]
    return crear_aplicacion("cafeteria", rutas, acceso=SIN_CLAVES).test_client()


def test_los_productos(cliente: FlaskClient) -> None:
    """All of them, by number; a price is a number with its cents."""
    lista = cliente.get("/api/v1/productos/")
    assert [p["id"] for p in lista.get_json()] == [1, 2, 3, 4, 5, 6, 7, 8]
    uno = cliente.get("/api/v1/productos/1")
    assert b'"precio":2.50' in uno.data
    assert uno.get_json() == lista.get_json()[0]
    assert uno.get_json() | {"precio": 2.5} == {
        "id": 1,
        "nombre": "Café Americano",
        "descripcion": "Espresso con agua caliente",
        "precio": 2.5,
        "categoria_id": 1,
        "disponible": True,
        "tamano": "mediano",
        "ingredientes": ["espresso", "agua"],
        "calorias": 5,
    }
    assert cliente.get("/api/v1/productos/6").get_json()["tamano"] is None


def test_el_menu(cliente: FlaskClient) -> None:
    """The products of each category, by its name, as the list has them."""
    carta = cliente.get("/api/v1/menu").get_json()
    assert list(carta) == ["Bebidas calientes", "Bebidas frías", "Postres", "Snacks"]
    todos = [p for productos in carta.values() for p in productos]
    assert sorted(todos, key=lambda p: p["id"]) == cliente.get("/api/v1/productos/").get_json()
    assert [p["id"] for p in carta["Bebidas frías"]] == [5, 8]


def test_un_pedido(cafeteria: Cafeteria, cliente: FlaskClient) -> None:
    """The contract's example; all money is a number."""
    cafeteria.confirmar(1)
    respuesta = cliente.get(f"{PEDIDOS}1")
    assert b'"total":9.00' in respuesta.data
    assert b'"precio_unitario":2.50,"subtotal":5.00' in respuesta.data
    cafe = {"producto_id": 1, "nombre": "Café Americano", "cantidad": 2}
    latte = {"producto_id": 3, "nombre": "Latte", "cantidad": 1}
    assert json.loads(respuesta.data) == {
        "id": 1,
        "cliente": "Juan Pérez",
        "items": [
            cafe | {"precio_unitario": 2.5, "subtotal": 5.0},
            latte | {"precio_unitario": 4.0, "subtotal": 4.0},
        ],
        "total": 9.0,
        "estado": "confirmado",
    }


def test_los_pedidos(cafeteria: Cafeteria, cliente: FlaskClient) -> None:
    """By number, all unless a page is asked for; how many there are says a header that browsers may read."""
    assert (cliente.get(PEDIDOS).get_json(), cliente.get(PEDIDOS).headers["X-Total-Count"]) == ([], "0")
    cafeteria.confirmar(3, 1, 12)
    cafeteria.pedir(2, ConfirmarPedido, EliminarPedido)
    for consulta, numeros in (
        ("", [1, 3, 12]),
        ("?limit=2", [1, 3]),
        ("?limit=2&offset=2", [12]),
        ("?offset=1", [3, 12]),
        ("?limit=1000&offset=50", []),
    ):
        lista = cliente.get(f"{PEDIDOS}{consulta}", headers={"Origin": "http://localhost:3000"})
        assert [p["id"] for p in lista.get_json()] == numeros
        assert lista.headers["X-Total-Count"] == "3"
        assert "X-Total-Count" in lista.headers["Access-Control-Expose-Headers"]
    assert cliente.get(f"{PEDIDOS}3").get_json() == cliente.get(PEDIDOS).get_json()[1]


@pytest.mark.parametrize("consulta", ["limit=0", "limit=1001", "limit=x", "offset=-1"])
def test_una_pagina_que_no_es_de_la_forma(cliente: FlaskClient, consulta: str) -> None:
    """It is refused, and the field is named."""
    respuesta = cliente.get(f"{PEDIDOS}?{consulta}")
    assert respuesta.status_code == 400
    assert respuesta.get_json()["detail"][0]["loc"] == ["query", consulta.split("=")[0]]


AJENOS = ("9", "0", "-1", str(2**63), str(2**63 - 1), "9" * 4_000, "+9", "00")


@pytest.mark.parametrize("numero", AJENOS, ids=lambda n: n[:20])
def test_un_numero_que_nadie_tiene(cliente: FlaskClient, numero: str) -> None:
    """Nobody's number is not found, however large, and no number of the database's is too large for it."""
    for ruta, texto in (("productos", "Producto no encontrado"), ("pedidos", "Pedido no encontrado")):
        respuesta = cliente.get(f"/api/v1/{ruta}/{numero}")
        assert (respuesta.status_code, respuesta.get_json()) == (404, {"detail": texto})


@pytest.mark.parametrize("texto", ["x", "1.0", "1e3", "0x1", "١", "1 2", "--1", "inventario"])
def test_lo_que_no_es_un_numero(cliente: FlaskClient, texto: str) -> None:
    """It is a fault of form, in the application's own shape and status, and the parameter is named."""
    for ruta, parametro in (("productos", "producto_id"), ("pedidos", "pedido_id")):
        respuesta = cliente.get(f"/api/v1/{ruta}/{texto}")
        falta = {"loc": ["path", parametro], "msg": "Debe ser un número entero", "type": "value_error"}
        assert (respuesta.status_code, respuesta.get_json()) == (400, {"detail": [falta]})


def test_un_numero_escrito_de_otro_modo(cafeteria: Cafeteria, cliente: FlaskClient) -> None:
    """Zeros in front and a sign are the same number."""
    cafeteria.confirmar(1)
    for numero in ("1", "01", "+1"):
        assert cliente.get(f"{PEDIDOS}{numero}").get_json()["id"] == 1


def test_las_reservas(cafeteria: Cafeteria, cliente: FlaskClient) -> None:
    """What is held now, one entry a product, by its number."""
    assert cliente.get(f"{PEDIDOS}inventario/reservas").get_json() == {"reservas": []}
    cafeteria.reservar(p3=1, p1=2)
    cafeteria.reservar(p1=5)
    assert cliente.get(f"{PEDIDOS}inventario/reservas").get_json() == {
        "reservas": [
            {"producto_id": 1, "cantidad_reservada": 7},
            {"producto_id": 3, "cantidad_reservada": 1},
        ]
    }


RUTAS = ("productos/", "productos/1", "menu", "pedidos/", "pedidos/1", "pedidos/inventario/reservas")


@pytest.mark.parametrize("ruta", RUTAS)
def test_con_y_sin_barra(cafeteria: Cafeteria, cliente: FlaskClient, ruta: str) -> None:
    """The same answer, without a redirect."""
    cafeteria.confirmar(1)
    una, otra = (cliente.get(f"/api/v1/{ruta.rstrip('/')}{barra}") for barra in ("", "/"))
    assert (una.status_code, una.data) == (otra.status_code, otra.data) == (200, una.data)


@pytest.mark.parametrize("ruta", RUTAS)
def test_cada_respuesta_es_como_su_esquema(cafeteria: Cafeteria, cliente: FlaskClient, ruta: str) -> None:
    """Each names all that comes, and no more."""
    cafeteria.confirmar(1)
    cafeteria.reservar(p1=1)
    cuerpo = cliente.get(f"/api/v1/{ruta}").get_json()
    parametro = "producto_id" if "productos" in ruta else "pedido_id"
    exigir_declarado(cliente.application, f"/api/v1/{ruta.replace('/1', f'/{{{parametro}}}')}", cuerpo)


def test_el_documento_dice_numeros_y_cabecera(cliente: FlaskClient) -> None:
    """An id is an integer, and how many orders there are comes in a header."""
    rutas = documento(cliente.application)["paths"]
    for ruta, parametro in (("productos", "producto_id"), ("pedidos", "pedido_id")):
        suya = rutas[f"/api/v1/{ruta}/{{{parametro}}}"]
        [dicho] = [*suya.get("parameters", ()), *suya["get"].get("parameters", ())]
        assert (dicho["name"], dicho["schema"]) == (parametro, {"type": "integer"})
    assert "X-Total-Count" in rutas[PEDIDOS]["get"]["responses"]["200"]["headers"]

"""Menu, orders and stock of the coffee shop as their reads show them, over both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, text

from aeropartners.contratos.inventario import ConsumirReserva, SoltarReserva
from aeropartners.contratos.menu import LineaPedida, ValidarProductos
from aeropartners.contratos.pedidos import (
    CancelarPedido,
    ConfirmarPedido,
    CrearPedido,
    EliminarPedido,
    MarcarFallido,
)
from aeropartners.modulos.inventario.cafeteria.reservas import LecturasReservas
from aeropartners.modulos.menu.infraestructura.lecturas import LecturasMenu
from aeropartners.modulos.menu.modulo import abrir_catalogo, producto_de
from aeropartners.modulos.pedidos.infraestructura.lecturas import LecturasPedidos
from aeropartners.modulos.pedidos.infraestructura.lecturas import pedidos as tabla_de_pedidos
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import contadores
from tests.conformidad.cafeteria import ITEMS, TTL_S, Cafeteria
from tests.conformidad.test_lote import adelantar
from tests.conformidad.test_mantenimiento import tomar_el_papel
from tests.conformidad.test_proyecciones import SOLO_POSTGRES


@pytest.fixture
def cafeteria(motor: Motor) -> Cafeteria:
    """A coffee shop that is not open yet."""
    return Cafeteria(motor)


def test_la_carta_se_abre_una_vez(cafeteria: Cafeteria) -> None:
    """By several processes at once: every product once, numbered from 1, and no number used up."""
    with ThreadPoolExecutor(4) as hilos:
        finales = list(hilos.map(lambda _: cafeteria.hacer(cafeteria.menu, abrir_catalogo()), range(4)))
    assert finales == [[""]] * 4
    filas = LecturasMenu(cafeteria.motor).productos()
    assert [f.numero for f in filas] == [1, 2, 3, 4, 5, 6, 7, 8]
    with cafeteria.motor.lectura() as con:
        usados = {n: v for n, v in con.execute(select(contadores.c.nombre, contadores.c.valor))}
    assert usados == {"menu-producto": 8, "menu-categoria": 4}


def test_la_carta_se_lee(cafeteria: Cafeteria) -> None:
    """One product, by its number, with all its card; categories and their products in order."""
    lecturas = LecturasMenu(cafeteria.abrir().motor)
    cafe, tarta = lecturas.producto(1), lecturas.producto(6)
    assert (cafe.nombre, cafe.precio, cafe.disponible) == ("Café Americano", Decimal("2.50"), True)
    assert (cafe.tamano, cafe.ingredientes, cafe.calorias) == ("mediano", ["espresso", "agua"], 5)
    assert (tarta.tamano, lecturas.producto(8).disponible) == (None, False)
    assert lecturas.producto(9) is None
    carta = [(nombre, [f.numero for f in filas]) for nombre, filas in lecturas.por_categoria()]
    assert carta == [
        ("Bebidas calientes", [1, 2, 3, 4]),
        ("Bebidas frías", [5, 8]),
        ("Postres", [6]),
        ("Snacks", [7]),
    ]


def test_validar_no_escribe(cafeteria: Cafeteria) -> None:
    """Products are found by their numbers, and no stream changes."""
    cafeteria.abrir()
    lineas = [(LineaPedida(1, 2), LineaPedida(3, 1)), (LineaPedida(9, 1),), (LineaPedida(8, 1),)]
    eventos = "SELECT count(*) FROM eventos"
    with cafeteria.motor.lectura() as con:
        antes = con.execute(text(eventos)).scalar_one()
    finales = cafeteria.hacer(cafeteria.menu, *map(ValidarProductos, lineas))
    assert finales == ["", "PRODUCTO_NO_ENCONTRADO", "PRODUCTO_NO_DISPONIBLE"]
    with cafeteria.motor.lectura() as con:
        assert con.execute(text(eventos)).scalar_one() == antes


def test_un_pedido_se_lee_por_su_numero(cafeteria: Cafeteria) -> None:
    """As the contract's object, its money exact and with its cents."""
    lecturas = LecturasPedidos(cafeteria.confirmar(1).motor)
    cafe = {"producto_id": 1, "nombre": "Café Americano", "cantidad": 2}
    latte = {"producto_id": 3, "nombre": "Latte", "cantidad": 1}
    esperado = {
        "id": 1,
        "cliente": "Juan Pérez",
        "items": [
            cafe | {"precio_unitario": Decimal("2.50"), "subtotal": Decimal("5.00")},
            latte | {"precio_unitario": Decimal("4.00"), "subtotal": Decimal("4.00")},
        ],
        "total": Decimal("9.00"),
        "estado": "confirmado",
    }
    pedido = lecturas.uno(1)
    assert pedido == esperado
    assert str(pedido["items"][0]["precio_unitario"]) == "2.50"
    assert lecturas.uno(2) is None
    with cafeteria.motor.lectura() as con:
        fila = con.execute(select(tabla_de_pedidos)).one()
    assert fila.created_at < fila.updated_at
    assert isinstance(fila.saga_id, UUID)


def test_lo_eliminado_no_esta_en_ninguna_lista(cafeteria: Cafeteria) -> None:
    """Neither one that was removed nor the mark of an undo that came first; the others are, by number."""
    marca = uuid4()
    for numero in (12, 3):
        cafeteria.pedir(numero)
    cafeteria.pedir(2, ConfirmarPedido, CancelarPedido)
    cafeteria.pedir(5, MarcarFallido)
    cafeteria.pedir(4, ConfirmarPedido, CancelarPedido, EliminarPedido)
    assert cafeteria.hacer(
        cafeteria.pedidos, EliminarPedido(marca), CrearPedido(marca, uuid4(), 6, "x", ITEMS)
    ) == ["", "PEDIDO_ELIMINADO"]
    lecturas = LecturasPedidos(cafeteria.motor)
    todos, total = lecturas.lista(None, 0)
    estados = [(2, "cancelado"), (3, "pendiente"), (5, "fallido"), (12, "pendiente")]
    assert ([(p["id"], p["estado"]) for p in todos], total) == (estados, 4)
    pagina, total = lecturas.lista(2, 1)
    assert ([p["id"] for p in pagina], total) == ([3, 5], 4)
    assert lecturas.lista(1, 9) == ([], 4)
    assert [p["id"] for p in lecturas.lista(None, 2)[0]] == [5, 12]
    assert (lecturas.uno(4), lecturas.uno(6)) == (None, None)
    assert [v["id"] for v in cafeteria.vista("pedidos")] == [2, 3, 5, 12]


def test_lo_reservado_es_lo_que_se_tiene_ahora(cafeteria: Cafeteria, monkeypatch: pytest.MonkeyPatch) -> None:
    """By product, in the order of its number: not what was consumed, released, or has expired."""
    lecturas = LecturasReservas(cafeteria.abrir().motor)
    assert lecturas.por_producto() == []
    cafeteria.reservar(p3=1, p1=2)
    consumida, _ = cafeteria.reservar(p1=5, p2=1)
    soltada, _ = cafeteria.reservar(p7=1)
    assert lecturas.por_producto() == [(1, 7), (2, 1), (3, 1), (7, 1)]
    cafeteria.hacer(cafeteria.inventario, ConsumirReserva(consumida), SoltarReserva(soltada))
    assert lecturas.por_producto() == [(1, 2), (3, 1)]
    adelantar(monkeypatch, minutos=timedelta(seconds=TTL_S) / timedelta(minutes=1))
    assert cafeteria.vigilante().una_ronda() == 1
    assert lecturas.por_producto() == []


def test_cada_modulo_tiene_su_testigo(cafeteria: Cafeteria) -> None:
    """Who audits finds each effect with its version; of a look at the menu none is missing or left."""
    cafeteria.abrir()
    pedido = str(cafeteria.pedir(1, ConfirmarPedido))
    reserva, nadie = str(cafeteria.reservar(p1=1)[0]), str(uuid4())
    with cafeteria.motor.lectura() as con:
        for pieza, id, estado in (
            (cafeteria.pedidos, pedido, ("confirmado", 2)),
            (cafeteria.inventario, reserva, ("ACTIVA", 1)),
        ):
            testigo = pieza.con_testigo().testigo
            assert testigo is not None
            assert testigo.estados(con, [id, nadie]) == {id: estado}
            assert estado[0] in testigo.vigentes
            assert id in testigo.deshacer(id)
        carta = cafeteria.menu.testigo
        assert carta is not None
        producto = str(producto_de(1))
        visto = carta.estados(con, [producto, nadie])
        assert {id: version for id, (_, version) in visto.items()} == {producto: 1, nadie: 0}
        assert not {estado for estado, _ in visto.values()} & (carta.vigentes | carta.en_curso)
    for pieza in (cafeteria.menu, cafeteria.pedidos, cafeteria.inventario):
        assert pieza.testigo
        assert pieza.testigo.consumidor == pieza.modulo.consumidor
        assert (pieza.testigo.tema,) == pieza.modulo.temas


VENCIDAS = "SELECT id FROM inventario_cafeteria_reservas WHERE revisar_en <= '2026-01-01' ORDER BY revisar_en"
BUSQUEDAS = {
    "inventario_cafeteria_reservas_revisar_en": f"{VENCIDAS} LIMIT 10",
    "pedidos_cafeteria_numero": "SELECT id FROM pedidos_cafeteria WHERE numero = 7",
    "menu_productos_numero": "SELECT id FROM menu_productos WHERE numero = 7",
}


@pytest.mark.parametrize("indice", BUSQUEDAS)
def test_cada_busqueda_tiene_su_indice(motor: Motor, indice: str) -> None:
    """The timers read those that are held only, and a number finds its row."""
    with motor.lectura() as con:
        if motor.es_postgres:
            con.exec_driver_sql("SET enable_seqscan = off")
        explicar = "EXPLAIN" if motor.es_postgres else "EXPLAIN QUERY PLAN"
        plan = "\n".join(str(fila) for fila in con.exec_driver_sql(f"{explicar} {BUSQUEDAS[indice]}"))
    assert indice in plan, plan


TABLAS = [
    *("menu_productos", "menu_categorias", "pedidos_cafeteria"),
    *("inventario_cafeteria_existencias", "inventario_cafeteria_reservas"),
]


@SOLO_POSTGRES
def test_las_paginas_tienen_sitio(motor: Motor) -> None:
    """A row that changes finds room beside itself, and no index is written."""
    consulta = text("SELECT relname, reloptions FROM pg_class WHERE relname = ANY(:tablas)")
    with motor.lectura() as con:
        opciones = {nombre: propias for nombre, propias in con.execute(consulta, {"tablas": TABLAS})}
    assert opciones == {tabla: ["fillfactor=50"] for tabla in TABLAS}


@SOLO_POSTGRES
def test_basta_el_papel_de_la_aplicacion(motor: Motor) -> None:
    """A process that owns no table opens, takes orders, reserves, and shows all of it."""
    suyo = Motor(motor.url)
    for maquina in (suyo._escritura, suyo._lectura):
        event.listen(maquina, "connect", tomar_el_papel)
    cafeteria = Cafeteria(suyo).abrir().confirmar(1)
    cafeteria.reservar(p1=1)
    assert LecturasReservas(suyo).por_producto() == [(1, 1)]
    assert [v["id"] for v in cafeteria.vista("pedidos")] == [1]
    suyo.cerrar()


def test_un_numero_es_de_un_pedido(cafeteria: Cafeteria) -> None:
    """The database itself refuses a second row with it: two sagas never share one."""
    cafeteria.pedir(1)
    fila = {"numero": 1, "cliente": "x", "items": [], "total": Decimal(0), "estado": "pendiente"}
    momentos = dict.fromkeys(("created_at", "updated_at"), cafeteria.reloj.ahora())
    otra = {"id": uuid4(), "saga_id": uuid4(), "version": 1, **fila, **momentos}
    with cafeteria.motor.escritura() as con, pytest.raises(Exception, match=r"(?i)unique"):
        con.execute(tabla_de_pedidos.insert().values(**otra))

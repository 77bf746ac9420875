"""The menu by its commands: opened once, numbered without a gap, and looked up by orders."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from aeropartners.contratos.menu import (
    AbrirCatalogo,
    CategoriaInicial,
    LineaPedida,
    ProductoInicial,
    ValidarProductos,
)
from aeropartners.modulos.menu.dominio.catalogo import CATALOGO, categoria_de
from aeropartners.modulos.menu.dominio.producto import producto_de
from aeropartners.modulos.menu.modulo import MODULO
from aeropartners.seedwork.aplicacion.mensajes import Respuesta
from tests.dobles.unidad_de_trabajo import UnidadEnMemoria

AHORA = datetime(2026, 1, 1, tzinfo=UTC)
ABRIR = AbrirCatalogo(
    CATALOGO,
    (
        CategoriaInicial("Calientes", "c", "bebidas_calientes"),
        CategoriaInicial("Postres", "p", "postres"),
    ),
    (
        ProductoInicial("Café", "negro", Decimal("2.5"), 1),
        ProductoInicial("Tarta", "dulce", Decimal("4.00"), 2),
        ProductoInicial("Té", "verde", Decimal("3.00"), 1, disponible=False),
    ),
)
NUMEROS = {"menu-producto": 3, "menu-categoria": 2}


@pytest.fixture
def menu() -> UnidadEnMemoria:
    """The menu before it is opened."""
    return UnidadEnMemoria(MODULO, AHORA)


def validar(menu: UnidadEnMemoria, *lineas: tuple[int, int]) -> Respuesta:
    """Ask for these as the orchestrator does."""
    pedidas = tuple(LineaPedida(*linea) for linea in lineas)
    respuesta = menu.saga(ValidarProductos(pedidas), "ValidarProductos")
    assert respuesta
    return respuesta


def test_abrir_numera_en_su_orden(menu: UnidadEnMemoria) -> None:
    """From 1, without a gap; a product has the number of its category."""
    assert menu.saga(ABRIR, "x") == Respuesta(exito=True, resultado={"id": str(CATALOGO)})
    assert menu.contadores == NUMEROS
    fichas: list[Any] = [menu.historias[producto_de(n)][0] for n in (1, 2, 3)]
    assert [(f.numero, f.nombre, f.categoria_id) for f in fichas] == [
        (1, "Café", 1),
        (2, "Tarta", 2),
        (3, "Té", 1),
    ]
    creada = ["CategoriaCreada"]
    assert [menu.eventos(categoria_de(n)) for n in (1, 2, 3)] == [creada, creada, []]


@pytest.mark.parametrize("juntos", [True, False])
def test_abrir_otra_vez_no_cambia_nada(menu: UnidadEnMemoria, juntos: bool) -> None:
    """In the same batch or later, with the same or with more: no event, and no number is used up."""
    otra = replace(ABRIR, productos=ABRIR.productos * 2)
    menu.tratar(menu.sobre(ABRIR), *([menu.sobre(otra)] if juntos else []))
    antes = dict(menu.historias)
    menu.tratar(menu.sobre(otra))
    assert (menu.historias, menu.contadores) == (antes, NUMEROS)
    assert len(antes) == 1 + 2 + 3


@pytest.mark.parametrize(
    ("mala", "codigo"),
    [
        (AbrirCatalogo(CATALOGO, (CategoriaInicial("x", "", "bebidas"),), ()), "TIPO_INVALIDO"),
        (replace(ABRIR, productos=(ProductoInicial("x", "", Decimal(1), 3),)), "CATEGORIA_NO_ENCONTRADA"),
        (replace(ABRIR, productos=(ProductoInicial("x", "", Decimal(1), 0),)), "CATEGORIA_NO_ENCONTRADA"),
        (
            replace(ABRIR, productos=(*ABRIR.productos, ProductoInicial("x", "", Decimal(0), 1))),
            "PRECIO_INVALIDO",
        ),
    ],
    ids=["tipo", "categoría 3", "categoría 0", "precio"],
)
def test_un_catalogo_malo_no_abre_nada(menu: UnidadEnMemoria, mala: AbrirCatalogo, codigo: str) -> None:
    """The last of its products as well as the first; no number is used up, and the right one opens after."""
    respuesta = menu.saga(mala, "x")
    assert respuesta
    assert (respuesta.exito, respuesta.codigo) == (False, codigo)
    assert (menu.historias, menu.contadores) == ({}, {})
    menu.tratar(menu.sobre(ABRIR))
    assert menu.contadores == NUMEROS


def test_validar_dice_nombre_y_precio(menu: UnidadEnMemoria) -> None:
    """One entry a product, in the order in which the order names them first; the price has its cents."""
    menu.tratar(menu.sobre(ABRIR))
    antes = dict(menu.historias)
    assert validar(menu, (2, 1), (1, 2), (2, 3)).resultado == {
        "productos": [
            {"producto_id": 2, "nombre": "Tarta", "precio": "4.00"},
            {"producto_id": 1, "nombre": "Café", "precio": "2.50"},
        ]
    }
    assert menu.historias == antes


@pytest.mark.parametrize(
    ("lineas", "codigo", "error"),
    [
        ([(1, 1), (9, 1)], "PRODUCTO_NO_ENCONTRADO", "Producto 9 no encontrado"),
        ([(3, 1)], "PRODUCTO_NO_DISPONIBLE", "Producto Té no está disponible"),
        ([(1, 1), (1, 0)], "CANTIDAD_INVALIDA", "Cantidad inválida para Café"),
        ([(3, 1), (9, 1)], "PRODUCTO_NO_DISPONIBLE", "Producto Té no está disponible"),
    ],
)
def test_lo_que_no_se_puede_pedir_se_rechaza(
    menu: UnidadEnMemoria, lineas: list[tuple[int, int]], codigo: str, error: str
) -> None:
    """By the first line that cannot be: a final refusal, no failure to try again."""
    menu.tratar(menu.sobre(ABRIR))
    assert validar(menu, *lineas) == Respuesta(exito=False, codigo=codigo, error=error)

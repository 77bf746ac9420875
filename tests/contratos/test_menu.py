"""The wire of the menu: what was stored or sent never changes."""

from decimal import Decimal
from uuid import UUID

import pytest

from aeropartners.contratos.menu import (
    SUSCRIPCION,
    TEMA_COMANDOS,
    TEMA_MUERTOS,
    AbrirCatalogo,
    CategoriaInicial,
    LineaPedida,
    ProductoInicial,
    ValidarProductos,
)
from aeropartners.modulos.menu.dominio.catalogo import (
    CATALOGO,
    CatalogoAbierto,
    CategoriaCreada,
    categoria_de,
)
from aeropartners.modulos.menu.dominio.producto import ProductoCreado, producto_de
from aeropartners.modulos.menu.modulo import MODULO
from aeropartners.seedwork.aplicacion.serializacion import Diccionario, codificar
from aeropartners.seedwork.dominio.evento import nombre_de

_CATEGORIA = '"nombre":"Postres","descripcion":"d","tipo":"postres"'
_DE = '"nombre":"Té","descripcion":"d","precio":"2.50"'
_RESTO = '"disponible":true,"tamano":"grande","ingredientes":["té"],"calorias":1'
_COMO = (True, "grande", ("té",), 1)
DORADOS: list[tuple[object, str]] = [
    (
        ValidarProductos((LineaPedida(1, 2), LineaPedida(3, 1))),
        '{"lineas":[{"producto_id":1,"cantidad":2},{"producto_id":3,"cantidad":1}]}',
    ),
    (
        AbrirCatalogo(
            UUID(int=2),
            (CategoriaInicial("Postres", "d", "postres"),),
            (ProductoInicial("Té", "d", Decimal("2.50"), 1, *_COMO),),
        ),
        '{"id":"00000000-0000-0000-0000-000000000002","categorias":[{'
        + f'{_CATEGORIA}}}],"productos":[{{{_DE},"categoria":1,{_RESTO}}}]}}',
    ),
    (
        ProductoCreado(3, "Té", "d", Decimal("2.50"), 1, *_COMO),
        f'{{"numero":3,{_DE},"categoria_id":1,{_RESTO}}}',
    ),
    (CategoriaCreada(1, "Postres", "d", "postres"), f'{{"numero":1,{_CATEGORIA}}}'),
    (CatalogoAbierto((1,), (1, 2)), '{"categorias":[1],"productos":[1,2]}'),
]


@pytest.mark.parametrize(("objeto", "dorado"), DORADOS, ids=[type(o).__name__ for o, _ in DORADOS])
def test_dorado(objeto: object, dorado: str) -> None:
    """Each message and stored event has its name, version 1 and its JSON, in both directions."""
    nombre = type(objeto).__name__
    assert nombre_de(type(objeto)) == (nombre, 1)
    assert codificar(objeto).decode() == dorado
    assert Diccionario([type(objeto)]).descifrar(nombre, 1, dorado) == objeto


def test_un_producto_dice_solo_lo_que_sabe() -> None:
    """It is to be had unless the message says otherwise, and the rest may be unknown."""
    cuerpo = '{"id":"00000000-0000-0000-0000-000000000002","categorias":[],"productos":[{'
    leido = Diccionario([AbrirCatalogo]).descifrar("AbrirCatalogo", 1, f'{cuerpo}{_DE},"categoria":1}}]}}')
    assert leido == AbrirCatalogo(UUID(int=2), (), (ProductoInicial("Té", "d", Decimal("2.50"), 1),))


def test_todo_tiene_su_json() -> None:
    """Every event that the module stores, and every message that it takes."""
    guardados = {nombre_de(e)[0] for clase in MODULO.agregados for e in clase.eventos}
    tomados = {nombre for nombre, _ in MODULO.conocidas}
    assert guardados | tomados == {type(objeto).__name__ for objeto, _ in DORADOS}


def test_los_nombres_que_otros_tienen() -> None:
    """Topics, streams and ids: rows and messages of every release hang on them."""
    assert (TEMA_COMANDOS, TEMA_MUERTOS, SUSCRIPCION) == ("comandos-menu", "dlq-menu", "menu")
    assert (MODULO.temas, MODULO.tema_muertos, MODULO.consumidor) == (("comandos-menu",), "dlq-menu", "menu")
    assert [c.tipo for c in MODULO.agregados] == ["menu-producto", "menu-categoria", "menu-catalogo"]
    assert str(CATALOGO) == "1c807d3e-9eb3-5916-aa8b-26ccff283c5d"
    assert str(producto_de(1)) == "cbbb13ef-9f0a-502f-a36b-a51edd353a47"
    assert str(categoria_de(1)) == "5fb028eb-f794-5765-9b5e-f6b6edd3750c"

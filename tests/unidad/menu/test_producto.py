"""What a product may be, and whether an order may ask for it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from aeropartners.modulos.menu.dominio.producto import Producto, ProductoCreado, producto_de
from aeropartners.seedwork.dominio.errores import ErrorDeDominio

LATTE = ProductoCreado(3, "Latte", "Con leche", Decimal("4.00"), 1, True, "grande", ("leche",), 190)
AGOTADO = replace(LATTE, disponible=False)


def dado(*eventos: object) -> Producto:
    """Return a product to which this happened."""
    producto = Producto(producto_de(3))
    producto.reproducir(list(eventos))
    return producto


def test_un_producto_se_crea() -> None:
    """With all that its card says."""
    producto = dado()
    producto.crear(LATTE)
    assert producto.pendientes == [LATTE]
    assert dado(LATTE).ficha == LATTE


@pytest.mark.parametrize(
    ("cambio", "codigo"),
    [
        ({"precio": Decimal(0)}, "PRECIO_INVALIDO"),
        ({"precio": Decimal("-1")}, "PRECIO_INVALIDO"),
        ({"precio": Decimal("1.005")}, "PRECIO_INVALIDO"),
        ({"precio": Decimal("1e12")}, "PRECIO_INVALIDO"),
        ({"tamano": "enorme"}, "TAMANO_INVALIDO"),
    ],
    ids=str,
)
def test_lo_que_no_puede_ser(cambio: dict[str, Any], codigo: str) -> None:
    """A price above 0 in hundredths, and a size of the contract's; nothing is registered."""
    producto = dado()
    with pytest.raises(ErrorDeDominio) as error:
        producto.crear(replace(LATTE, **cambio))
    assert error.value.codigo == codigo
    assert producto.pendientes == []


def test_sin_tamano_tambien_vale() -> None:
    """Not everything has a size."""
    dado().crear(replace(LATTE, tamano=None, ingredientes=None, calorias=None))


@pytest.mark.parametrize(
    ("eventos", "cantidad", "codigo", "texto"),
    [
        ((), 1, "PRODUCTO_NO_ENCONTRADO", "Producto 3 no encontrado"),
        ((AGOTADO,), 0, "PRODUCTO_NO_DISPONIBLE", "Producto Latte no está disponible"),
        ((LATTE,), 0, "CANTIDAD_INVALIDA", "Cantidad inválida para Latte"),
        ((LATTE,), -1, "CANTIDAD_INVALIDA", "Cantidad inválida para Latte"),
    ],
)
def test_lo_que_no_se_puede_pedir(
    eventos: tuple[object, ...], cantidad: int, codigo: str, texto: str
) -> None:
    """In the contract's words."""
    with pytest.raises(ErrorDeDominio) as error:
        dado(*eventos).pedir(3, cantidad)
    assert (error.value.codigo, error.value.mensaje) == (codigo, texto)


def test_lo_que_se_pide_se_dice_y_no_cambia() -> None:
    """Looking a product up registers nothing."""
    producto = dado(LATTE)
    assert producto.pedir(3, 100_000) == LATTE
    assert producto.pendientes == []


def test_el_flujo_sigue_del_numero() -> None:
    """Rows of every release hang on it."""
    assert producto_de(1) == UUID("cbbb13ef-9f0a-502f-a36b-a51edd353a47")
    assert producto_de(1) != producto_de(2)

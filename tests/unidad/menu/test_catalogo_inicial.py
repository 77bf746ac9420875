"""The menu that the coffee shop opens with is the contract's."""

from datetime import UTC, datetime

from aeropartners.modulos.menu.dominio.catalogo import TIPOS
from aeropartners.modulos.menu.modulo import MODULO, NUMEROS, abrir_catalogo
from tests.dobles.unidad_de_trabajo import UnidadEnMemoria


def test_es_el_del_contrato() -> None:
    """Products 1 to 8, 1 and 3 by name and price, all but 8 to be had; at least three categories."""
    orden = abrir_catalogo()
    productos = dict(zip(NUMEROS, orden.productos, strict=True))
    assert list(productos) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert (productos[1].nombre, str(productos[1].precio)) == ("Café Americano", "2.50")
    assert (productos[3].nombre, str(productos[3].precio)) == ("Latte", "4.00")
    assert [n for n, p in productos.items() if not p.disponible] == [8]
    assert len({c.nombre for c in orden.categorias}) >= 3
    assert {c.tipo for c in orden.categorias} <= set(TIPOS)
    assert {p.categoria for p in orden.productos} == set(range(1, len(orden.categorias) + 1))


def test_abre() -> None:
    """No rule refuses it, and it is the same stream each time."""
    menu = UnidadEnMemoria(MODULO, datetime(2026, 1, 1, tzinfo=UTC))
    assert menu.tratar(menu.sobre(abrir_catalogo()), menu.sobre(abrir_catalogo())).error is None
    assert menu.contadores == {"menu-producto": len(NUMEROS), "menu-categoria": 4}

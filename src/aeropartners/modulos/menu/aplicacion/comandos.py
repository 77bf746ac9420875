"""Handlers of the menu: open the catalogue, and look the products of an order up."""

from collections.abc import Sequence
from uuid import UUID

from aeropartners.contratos.menu import AbrirCatalogo, ProductoInicial, ValidarProductos
from aeropartners.modulos.menu.dominio.catalogo import (
    Catalogo,
    Categoria,
    CategoriaCreada,
    CategoriaNoEncontrada,
    categoria_de,
)
from aeropartners.modulos.menu.dominio.producto import Producto, ProductoCreado, producto_de
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision, Manejador
from aeropartners.seedwork.aplicacion.serializacion import numero as en_moneda

PRODUCTOS, CATEGORIAS = "menu-producto", "menu-categoria"


def abrir(m: AbrirCatalogo, contexto: Contexto) -> Decision:
    """Open the catalogue; one that is open stays as it is, and no number is taken."""
    catalogo = contexto.flujo(Catalogo, m.id)
    if not catalogo.existe:
        categorias = [
            CategoriaCreada(contexto.numero(CATEGORIAS), c.nombre, c.descripcion, c.tipo)
            for c in m.categorias
        ]
        productos = [_ficha(contexto.numero(PRODUCTOS), p, categorias) for p in m.productos]
        catalogo.abrir(categorias, productos)
        for categoria in categorias:
            contexto.flujo(Categoria, categoria_de(categoria.numero)).crear(categoria)
        for producto in productos:
            contexto.flujo(Producto, producto_de(producto.numero)).crear(producto)
    return Decision(respuesta=Respuesta(exito=True, resultado={"id": str(m.id)}))


def validar(m: ValidarProductos, contexto: Contexto) -> Decision:
    """Tell name and price of each product, once each, as the order names them first."""
    fichas: dict[int, ProductoCreado] = {}
    for linea in m.lineas:
        producto = contexto.flujo(Producto, producto_de(linea.producto_id))
        fichas.setdefault(linea.producto_id, producto.pedir(linea.producto_id, linea.cantidad))
    productos = [
        {"producto_id": f.numero, "nombre": f.nombre, "precio": str(en_moneda(f.precio))}
        for f in fichas.values()
    ]
    return Decision(respuesta=Respuesta(exito=True, resultado={"productos": productos}))


def _ficha(numero: int, p: ProductoInicial, categorias: Sequence[CategoriaCreada]) -> ProductoCreado:
    if not 1 <= p.categoria <= len(categorias):
        raise CategoriaNoEncontrada(f"Categoría {p.categoria} no encontrada para {p.nombre}")
    categoria = categorias[p.categoria - 1].numero
    que = (p.disponible, p.tamano, p.ingredientes, p.calorias)
    return ProductoCreado(numero, p.nombre, p.descripcion, p.precio, categoria, *que)


def _catalogo(m: AbrirCatalogo, _sobre: Sobre) -> Sequence[UUID]:
    return (m.id,)


def _contadores(_m: AbrirCatalogo, _sobre: Sobre) -> Sequence[str]:
    return (PRODUCTOS, CATEGORIAS)


def _pedidos(m: ValidarProductos, _sobre: Sobre) -> Sequence[UUID]:
    return [producto_de(linea.producto_id) for linea in m.lineas]


MANEJADORES = (
    Manejador(AbrirCatalogo, abrir, _catalogo, contadores=_contadores),
    Manejador(ValidarProductos, validar, _pedidos),
)

"""The commands of the menu: open the catalogue once, and look the products of an order up."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import mensaje

TEMA_COMANDOS = "comandos-menu"
TEMA_MUERTOS = "dlq-menu"
SUSCRIPCION = "menu"


@dataclass(frozen=True, slots=True)
class LineaPedida:
    """So many units of one product."""

    producto_id: int
    cantidad: int


@mensaje("ValidarProductos", 1)
@dataclass(frozen=True, slots=True)
class ValidarProductos:
    """Tell name and price of each product, if all of them can be ordered; changes nothing."""

    lineas: tuple[LineaPedida, ...]


@dataclass(frozen=True, slots=True)
class CategoriaInicial:
    """A category to open the catalogue with."""

    nombre: str
    descripcion: str
    tipo: str


@dataclass(frozen=True, slots=True)
class ProductoInicial:
    """A product to open the catalogue with; `categoria` is the position of its category, from 1."""

    nombre: str
    descripcion: str
    precio: Decimal
    categoria: int
    disponible: bool = True
    tamano: str | None = None
    ingredientes: tuple[str, ...] | None = None
    calorias: int | None = None


@mensaje("AbrirCatalogo", 1)
@dataclass(frozen=True, slots=True)
class AbrirCatalogo:
    """Open the catalogue with these, numbered in this order; one that is open is left as it is."""

    id: UUID
    categorias: tuple[CategoriaInicial, ...]
    productos: tuple[ProductoInicial, ...]

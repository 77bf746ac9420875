"""The menu that the coffee shop opens with (000, section 4)."""

from decimal import Decimal

from aeropartners.contratos.menu import AbrirCatalogo, CategoriaInicial, ProductoInicial
from aeropartners.modulos.menu.dominio.catalogo import CATALOGO

CALIENTES, FRIAS, POSTRES, SNACKS = 1, 2, 3, 4
CATEGORIAS = (
    CategoriaInicial("Bebidas calientes", "Cafés e infusiones", "bebidas_calientes"),
    CategoriaInicial("Bebidas frías", "Cafés con hielo y jugos", "bebidas_frias"),
    CategoriaInicial("Postres", "Pasteles de la casa", "postres"),
    CategoriaInicial("Snacks", "Para acompañar el café", "snacks"),
)
PRODUCTOS = (
    ProductoInicial(
        "Café Americano", "Espresso con agua caliente", Decimal("2.50"), CALIENTES,
        tamano="mediano", ingredientes=("espresso", "agua"), calorias=5,
    ),
    ProductoInicial(
        "Espresso", "Corto e intenso", Decimal("2.00"), CALIENTES,
        tamano="pequeño", ingredientes=("espresso",), calorias=3,
    ),
    ProductoInicial(
        "Latte", "Espresso con leche vaporizada", Decimal("4.00"), CALIENTES,
        tamano="grande", ingredientes=("espresso", "leche"), calorias=190,
    ),
    ProductoInicial(
        "Capuchino", "Espresso, leche y espuma", Decimal("3.50"), CALIENTES,
        tamano="mediano", ingredientes=("espresso", "leche", "cacao"), calorias=130,
    ),
    ProductoInicial(
        "Café helado", "Café con hielo y leche", Decimal("4.25"), FRIAS,
        tamano="grande", ingredientes=("café", "leche", "hielo"), calorias=150,
    ),
    ProductoInicial(
        "Tarta de zanahoria", "Con crema de queso", Decimal("3.75"), POSTRES,
        ingredientes=("zanahoria", "harina", "queso"), calorias=420,
    ),
    ProductoInicial(
        "Croissant", "De mantequilla, del día", Decimal("2.25"), SNACKS,
        ingredientes=("harina", "mantequilla"), calorias=270,
    ),
    ProductoInicial(
        "Jugo de naranja", "Recién exprimido", Decimal("3.00"), FRIAS,
        disponible=False, tamano="mediano", ingredientes=("naranja",), calorias=110,
    ),
)  # fmt: skip
# The numbers that the products get on an empty database.
NUMEROS = range(1, len(PRODUCTOS) + 1)


def abrir_catalogo() -> AbrirCatalogo:
    """Return the command that opens it; the same each time, so that it may be sent at every start."""
    return AbrirCatalogo(CATALOGO, CATEGORIAS, PRODUCTOS)

"""The coffee shop's variant: its topics, its names and its tables."""

from aeropartners.contratos.cafeteria import SISTEMA, TEMA_INVENTARIO, TEMA_MUERTOS_INVENTARIO
from aeropartners.modulos.inventario.infraestructura.almacen import tablas
from aeropartners.modulos.inventario.modulo import Variante
from aeropartners.seedwork.infraestructura.base.tablas import metadatos

VARIANTE = Variante(
    sistema=SISTEMA,
    tema=TEMA_INVENTARIO,
    tema_muertos=TEMA_MUERTOS_INVENTARIO,
    suscripcion="inventario",
    tablas=tablas(f"inventario_{SISTEMA}", metadatos),
)

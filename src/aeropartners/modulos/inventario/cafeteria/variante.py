"""The coffee shop's variant: its topics, its names and its tables."""

from aeropartners.modulos.inventario.infraestructura.almacen import tablas
from aeropartners.modulos.inventario.modulo import Variante
from aeropartners.seedwork.infraestructura.base.tablas import metadatos

VARIANTE = Variante(
    sistema="cafeteria",
    tema="comandos-cafeteria-inventario",
    tema_muertos="dlq-cafeteria-inventario",
    suscripcion="inventario",
    tablas=tablas("inventario_cafeteria", metadatos),
)

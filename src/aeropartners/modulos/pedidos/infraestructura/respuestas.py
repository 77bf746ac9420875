"""The OpenAPI schema of an order (000, section 2)."""

from aeropartners.modulos.pedidos.dominio.pedido import VISIBLES
from aeropartners.seedwork.infraestructura.web.openapi.documento import (
    ENTERO,
    NUMERO,
    TEXTO,
    lista,
    objeto,
    una_de,
)

ITEM = objeto(producto_id=ENTERO, nombre=TEXTO, cantidad=ENTERO, precio_unitario=NUMERO, subtotal=NUMERO)
PEDIDO = objeto(id=ENTERO, cliente=TEXTO, items=lista(ITEM), total=NUMERO, estado=una_de(VISIBLES))

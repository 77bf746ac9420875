"""The OpenAPI schemas of the answers about orders' sagas (000, section 2)."""

from aeropartners.seedwork.infraestructura.web.openapi.documento import (
    ENTERO,
    ID,
    LOGICO,
    TEXTO,
    Objeto,
    lista,
    objeto,
    una_de,
)
from saga_orchestrator.sistemas.cafeteria.definicion import PALABRAS_DE_ESTADO, PASOS

STEP = objeto(nombre=una_de(PASOS), ejecutado=LOGICO, compensado=LOGICO)


def saga(pedido: Objeto) -> Objeto:
    """Return the schema of a saga; `pedido` is that of its order, when there is one."""
    return objeto(
        ("error", "pedido"),
        nombre=TEXTO,
        estado=una_de(PALABRAS_DE_ESTADO),
        steps=lista(STEP),
        saga_id=ID,
        requiere_atencion=LOGICO,
        error=TEXTO,
        pedido=pedido,
    )


def creado(pedido: Objeto) -> Objeto:
    """Return the schema of an order that was confirmed while its client waited."""
    return objeto(mensaje=TEXTO, pedido=pedido, saga=saga(pedido))


def aceptado(pedido: Objeto) -> Objeto:
    """Return the schema of an order, or an operator's retry, that goes on."""
    return objeto(mensaje=TEXTO, saga_id=ID, saga=saga(pedido))


def negado(pedido: Objeto) -> Objeto:
    """Return the schema of an order that was undone, or whose undo is stuck."""
    return objeto(detail=objeto(mensaje=TEXTO, saga=saga(pedido)))


def pagina(pedido: Objeto) -> Objeto:
    """Return the schema of a page of sagas."""
    return objeto(sagas=lista(saga(pedido)), total=ENTERO)

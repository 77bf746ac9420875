"""The OpenAPI schemas of the answers about partner sagas (004, section 2)."""

from aeropartners.seedwork.infraestructura.web.openapi.documento import (
    ENTERO,
    LIBRE,
    LOGICO,
    MOMENTO,
    TEXTO,
    lista,
    nulo,
    objeto,
    una_de,
)
from saga_orchestrator.sistemas.partners.definicion import PALABRAS_DE_ESTADO
from saga_orchestrator.sistemas.partners.estados import SITUACIONES

ESTADOS = una_de(PALABRAS_DE_ESTADO)
_INICIO = {"saga_id": TEXTO, "correlation_id": TEXTO, "status": ESTADOS}
INICIADA = objeto(mensaje=TEXTO, **_INICIO)
MANDADA = objeto(message=TEXTO, **_INICIO)
_PASO = objeto(
    status=una_de(SITUACIONES),
    started_at=nulo(MOMENTO),
    completed_at=nulo(MOMENTO),
    error=nulo(TEXTO),
    result=nulo(LIBRE),
)
SAGA = objeto(
    saga_id=TEXTO,
    correlation_id=TEXTO,
    status=ESTADOS,
    current_step=TEXTO,
    created_at=MOMENTO,
    updated_at=MOMENTO,
    completed_at=nulo(MOMENTO),
    partner_data=objeto(nombre=TEXTO, email=TEXTO, telefono=nulo(TEXTO), direccion=nulo(TEXTO)),
    partner_id=nulo(TEXTO),
    alliance_id=nulo(TEXTO),
    error=nulo(TEXTO),
    compensation_actions=lista(TEXTO),
    requiere_atencion=LOGICO,
    steps=objeto(create_partner=_PASO, create_alliance=_PASO, complete_saga=_PASO),
)
ESTADO = objeto(saga=SAGA)
ACTIVAS = objeto(active_sagas=lista(SAGA), total=ENTERO)
REINTENTADA = objeto(mensaje=TEXTO, saga_id=TEXTO, status=ESTADOS)

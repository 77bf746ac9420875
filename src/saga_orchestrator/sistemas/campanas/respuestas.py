"""The OpenAPI schemas of the answers about campaign sagas (001, section 2)."""

from aeropartners.seedwork.infraestructura.web.openapi.documento import (
    ENTERO,
    ID,
    LIBRE,
    LOGICO,
    MOMENTO,
    TEXTO,
    objeto,
    una_de,
)
from saga_orchestrator.infraestructura.rest.respuestas import cambiada, pagina, saga
from saga_orchestrator.sistemas.campanas.definicion import PALABRAS_DE_ESTADO, TIPO

ESTADOS = PALABRAS_DE_ESTADO
ESTADO = una_de(ESTADOS)
INICIADA = objeto(exito=LOGICO, saga_id=ID, estado=ESTADO, mensaje=TEXTO, datos_iniciales=LIBRE)
SAGA = saga(ESTADO, una_de((TIPO,)))
PAGINA = pagina(SAGA)
ORDENADA = cambiada(ESTADO)
BORRADA = objeto(mensaje=TEXTO)
LIMPIEZA = objeto(mensaje=TEXTO, total_eliminadas=ENTERO, timestamp=MOMENTO)
LIMPIEZA_TOTAL = objeto(
    mensaje=TEXTO,
    sagas_eliminadas=ENTERO,
    campanas_eliminadas=ENTERO,
    pagos_eliminados=ENTERO,
    timestamp=MOMENTO,
)

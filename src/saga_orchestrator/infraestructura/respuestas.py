"""What the orchestrator's routes answer, for the OpenAPI (001, section 2)."""

from aeropartners.seedwork.infraestructura.web.openapi import (
    ENTERO,
    ID,
    LIBRE,
    LOGICO,
    MOMENTO,
    TEXTO,
    lista,
    nulo,
    objeto,
)

INICIADA = objeto(exito=LOGICO, saga_id=ID, estado=TEXTO, mensaje=TEXTO, datos_iniciales=LIBRE)
ENTRADA = objeto(
    id=ID,
    tipo=TEXTO,
    exitoso=nulo(LOGICO),
    error=nulo(TEXTO),
    fecha_ejecucion=nulo(MOMENTO),
    resultado=nulo(LIBRE),
)
SAGA = objeto(
    saga_id=ID,
    estado=TEXTO,
    tipo=TEXTO,
    pasos=lista(ENTRADA),
    compensaciones=lista(ENTRADA),
    fecha_inicio=MOMENTO,
    fecha_fin=nulo(MOMENTO),
    error_message=nulo(TEXTO),
    requiere_atencion=LOGICO,
)
PAGINA = objeto(sagas=lista(SAGA), total=ENTERO, pagina=ENTERO, limite=ENTERO)
ORDENADA = objeto(mensaje=TEXTO, saga_id=ID, estado=TEXTO)
BORRADA = objeto(mensaje=TEXTO)
LIMPIEZA = objeto(mensaje=TEXTO, total_eliminadas=ENTERO, timestamp=MOMENTO)
LIMPIEZA_TOTAL = objeto(
    mensaje=TEXTO,
    sagas_eliminadas=ENTERO,
    campanas_eliminadas=ENTERO,
    pagos_eliminados=ENTERO,
    timestamp=MOMENTO,
)
ESPERA = objeto(motivo=TEXTO, texto=TEXTO, ordenes=lista(TEXTO))
EXPLICACION = objeto(
    saga_id=ID,
    tipo=TEXTO,
    estado=TEXTO,
    espera=ESPERA,
    despertar=nulo(LIBRE),
    pasos=lista(LIBRE),
    compensaciones=lista(LIBRE),
    mensajes=lista(LIBRE),
    ordenes=lista(LIBRE),
    historia=lista(LIBRE),
)
ATASCADA = objeto(saga_id=ID, tipo=TEXTO, estado=TEXTO, requiere_atencion=LOGICO, espera=ESPERA)
ATASCADAS = objeto(sagas=lista(ATASCADA), total=ENTERO)
MUERTO = objeto(
    id=ID,
    consumidor=TEXTO,
    tema=TEXTO,
    tipo=nulo(TEXTO),
    saga_id=nulo(ID),
    paso=nulo(TEXTO),
    intentos=ENTERO,
    error=TEXTO,
    fecha=MOMENTO,
)
MUERTOS = objeto(muertos=lista(MUERTO), total=ENTERO, pagina=ENTERO, limite=ENTERO)
PREVIA = objeto(orden=TEXTO, elegidos=lista(LIBRE), hay_mas=LOGICO)
MUERTO_ENTERO = objeto(**MUERTO["properties"], situacion=TEXTO, cuerpo={}, ordenes=lista(LIBRE))
MUERTO_ORDENADO = objeto(mensaje=TEXTO, id=ID, consumidor=TEXTO, destino=TEXTO)

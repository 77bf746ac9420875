"""What the orchestrator's routes answer, for the OpenAPI (001, section 2)."""

from aeropartners.seedwork.infraestructura.busqueda_muertos import ORDENES
from aeropartners.seedwork.infraestructura.web.openapi import (
    ENTERO,
    ID,
    LIBRE,
    LOGICO,
    MOMENTO,
    TEXTO,
    conocida,
    lista,
    nulo,
    objeto,
    una_de,
)
from saga_orchestrator.aplicacion.espera import Lugar, Motivo
from saga_orchestrator.aplicacion.ordenes import ACCIONES
from saga_orchestrator.definiciones.ajustes import Ajustes
from saga_orchestrator.definiciones.crear_campana_completa import TIPO, crear_campana_completa
from saga_orchestrator.definiciones.crear_partner import TODOS_LOS_ESTADOS as DE_PARTNERS
from saga_orchestrator.dominio.definicion import Clase, Tipo
from saga_orchestrator.dominio.saga import Fase

ESTADOS = crear_campana_completa(Ajustes()).todos_los_estados
TODOS_LOS_ESTADOS = (*ESTADOS, *DE_PARTNERS)
SITUACIONES = ("MUERTO", "DESCARTADO")

ESTADO = una_de(ESTADOS)
# What an operator looks at may be a saga, or an event, of a newer release.
CUALQUIER_ESTADO = conocida(TODOS_LOS_ESTADOS)
INICIADA = objeto(exito=LOGICO, saga_id=ID, estado=ESTADO, mensaje=TEXTO, datos_iniciales=LIBRE)
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
    estado=ESTADO,
    tipo=una_de((TIPO,)),
    pasos=lista(ENTRADA),
    compensaciones=lista(ENTRADA),
    fecha_inicio=MOMENTO,
    fecha_fin=nulo(MOMENTO),
    error_message=nulo(TEXTO),
    requiere_atencion=LOGICO,
)
PAGINA = objeto(sagas=lista(SAGA), total=ENTERO, pagina=ENTERO, limite=ENTERO)
DE_CUALQUIERA = objeto(**{**SAGA["properties"], "estado": CUALQUIER_ESTADO, "tipo": TEXTO})
TODAS = objeto(**{**PAGINA["properties"], "sagas": lista(DE_CUALQUIERA)})
ORDENADA = objeto(mensaje=TEXTO, saga_id=ID, estado=ESTADO)
BORRADA = objeto(mensaje=TEXTO)
LIMPIEZA = objeto(mensaje=TEXTO, total_eliminadas=ENTERO, timestamp=MOMENTO)
LIMPIEZA_TOTAL = objeto(
    mensaje=TEXTO,
    sagas_eliminadas=ENTERO,
    campanas_eliminadas=ENTERO,
    pagos_eliminados=ENTERO,
    timestamp=MOMENTO,
)
ESPERA = objeto(motivo=una_de(Motivo), texto=TEXTO, ordenes=lista(una_de(ACCIONES)))
_AVANCE = {
    "id": ID,
    "exitoso": nulo(LOGICO),
    "incierto": LOGICO,
    "intentos": ENTERO,
    "intentos_maximos": nulo(ENTERO),
    "error": nulo(TEXTO),
    "resultado": nulo(LIBRE),
    "solicitado_en": nulo(MOMENTO),
    "fecha_fin": nulo(MOMENTO),
    "plazo": nulo(MOMENTO),
    "reintentar_en": nulo(MOMENTO),
}
# A command that was sent and is nowhere now has no more than its place; one that is held up has the rest.
MENSAJE = objeto(
    ("tipo", "id", "consumidor", "fallos", "error", "momento", "quien", "motivo", "enviado"),
    lugar=una_de(Lugar),
    tema=TEXTO,
    paso=nulo(TEXTO),
    intento=ENTERO,
    enviado=MOMENTO,
    tipo=TEXTO,
    id=nulo(ID),
    consumidor=TEXTO,
    fallos=ENTERO,
    error=TEXTO,
    momento=MOMENTO,
    quien=TEXTO,
    motivo=TEXTO,
)
ORDEN = objeto(orden=TEXTO, quien=TEXTO, motivo=TEXTO, fecha=MOMENTO)
SUCESO = objeto(
    version=ENTERO,
    fecha=MOMENTO,
    clase=conocida(Tipo),
    evento=TEXTO,
    estado=CUALQUIER_ESTADO,
    detalle=TEXTO,
)
EXPLICACION = objeto(
    saga_id=ID,
    tipo=TEXTO,
    definicion=ENTERO,
    estado=CUALQUIER_ESTADO,
    fase=una_de(Fase),
    requiere_atencion=LOGICO,
    error_message=nulo(TEXTO),
    correlation_id=TEXTO,
    fecha_inicio=nulo(MOMENTO),
    fecha_fin=nulo(MOMENTO),
    vence=nulo(MOMENTO),
    consultada=MOMENTO,
    espera=ESPERA,
    despertar=nulo(objeto(momento=MOMENTO, motivo=TEXTO)),
    pasos=lista(objeto(tipo=TEXTO, clase=nulo(una_de(Clase)), **_AVANCE)),
    compensaciones=lista(objeto(tipo=TEXTO, paso=TEXTO, **_AVANCE)),
    mensajes=lista(MENSAJE),
    ordenes=lista(ORDEN),
    historia=lista(SUCESO),
)
ATASCADA = objeto(
    saga_id=ID,
    tipo=TEXTO,
    estado=CUALQUIER_ESTADO,
    requiere_atencion=LOGICO,
    abierto=TEXTO,
    fecha_inicio=nulo(MOMENTO),
    error_message=nulo(TEXTO),
    espera=ESPERA,
)
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
_PREVISION = {"se_hara": LOGICO, "detalle": TEXTO}
SAGA_PREVISTA = objeto(
    id=ID, tipo=TEXTO, estado=CUALQUIER_ESTADO, paso=TEXTO, fecha_inicio=nulo(MOMENTO), **_PREVISION
)
# Of an id that is not dead there is nothing but the id.
MUERTO_PREVISTO = objeto(
    tuple(MUERTO["properties"].keys() - {"id", "consumidor"}),
    **{**MUERTO["properties"], "consumidor": nulo(TEXTO)},
    **_PREVISION,
)
PREVIA_SAGAS = objeto(orden=una_de(ACCIONES), elegidos=lista(SAGA_PREVISTA), hay_mas=LOGICO)
PREVIA_MUERTOS = objeto(orden=una_de(ORDENES), elegidos=lista(MUERTO_PREVISTO), hay_mas=LOGICO)
MUERTO_ENTERO = objeto(
    **MUERTO["properties"],
    situacion=una_de(SITUACIONES),
    cuerpo={},
    ordenes=lista(objeto(**ORDEN["properties"], datos=LIBRE)),
)
MUERTO_ORDENADO = objeto(mensaje=TEXTO, id=ID, consumidor=TEXTO, destino=TEXTO)

"""The OpenAPI schemas of the answers about campaigns (001, section 4)."""

from aeropartners.modulos.campanas.dominio.campana import TIPOS, Estado
from aeropartners.modulos.campanas.dominio.metricas import RENDIMIENTOS
from aeropartners.seedwork.dominio.valores import MONEDAS
from aeropartners.seedwork.infraestructura.web.openapi.documento import (
    ENTERO,
    ID,
    LIBRE,
    MOMENTO,
    NUMERO,
    TEXTO,
    lista,
    nulo,
    objeto,
    una_de,
)

METRICAS = objeto(
    impresiones=ENTERO,
    clicks=ENTERO,
    conversiones=ENTERO,
    gasto_actual=NUMERO,
    ctr=NUMERO,
    tasa_conversion=NUMERO,
)
CAMPANA = objeto(
    id=ID,
    nombre=TEXTO,
    tipo=una_de(TIPOS),
    descripcion=nulo(TEXTO),
    estado=una_de(Estado),
    presupuesto=objeto(monto=NUMERO, moneda=una_de(MONEDAS)),
    fecha_inicio=MOMENTO,
    fecha_fin=MOMENTO,
    fecha_creacion=MOMENTO,
    fecha_actualizacion=MOMENTO,
    id_afiliado=TEXTO,
    metricas=METRICAS,
)
PAGINA = objeto(campanas=lista(CAMPANA), campaigns=lista(CAMPANA), total=ENTERO, limit=ENTERO, offset=ENTERO)
HECHO = objeto(message=TEXTO, id_campana=ID)
FIGURAS = objeto(
    id_campana=ID,
    metricas_basicas=METRICAS,
    metricas_calculadas=objeto(roi=NUMERO, cpc=NUMERO, cpa=NUMERO),
    rendimiento=una_de(RENDIMIENTOS),
    optimizaciones=objeto(
        sugerencias=lista(objeto(tipo=TEXTO, mensaje=TEXTO, prioridad=TEXTO)), total_sugerencias=ENTERO
    ),
)
GENERALES = objeto(
    total_campanas=ENTERO,
    metricas_agregadas=objeto(
        total_impresiones=ENTERO,
        total_clicks=ENTERO,
        total_conversiones=ENTERO,
        total_gasto=NUMERO,
        ctr_promedio=NUMERO,
        tasa_conversion_promedio=NUMERO,
    ),
    distribucion_por_estado=LIBRE,
    id_afiliado=nulo(TEXTO),
)
PUBLICACION = objeto(
    total_eventos=ENTERO, eventos_procesados=ENTERO, eventos_pendientes=ENTERO, distribucion_por_tipo=LIBRE
)
LIMPIEZA = objeto(mensaje=TEXTO, total_eliminadas=ENTERO, timestamp=MOMENTO)
SALUD = objeto(status=TEXTO, service=TEXTO, timestamp=MOMENTO)

"""The OpenAPI schemas of the answers about reports (001, section 6)."""

from aeropartners.modulos.reporting.dominio.reporte import TIPOS, Estado
from aeropartners.seedwork.infraestructura.web.openapi.documento import (
    LIBRE,
    LOGICO,
    MOMENTO,
    TEXTO,
    lista,
    nulo,
    objeto,
    una_de,
)

REPORTE = objeto(
    id=TEXTO,
    tipo=una_de(TIPOS),
    estado=una_de(Estado),
    fecha_generacion=MOMENTO,
    datos=LIBRE,
    metadatos=LIBRE,
    version_servicio_datos=TEXTO,
)
REPORTES = lista(REPORTE)
CAMBIADO = objeto(mensaje=TEXTO, url=TEXTO, version=TEXTO, fecha_actualizacion=MOMENTO)
SERVICIO = objeto(url=TEXTO, version=TEXTO, activo=LOGICO, fecha_actualizacion=nulo(MOMENTO))
CONFIGURACION = objeto(("historial",), configuracion_activa=nulo(SERVICIO), historial=lista(SERVICIO))
VERIFICADO = objeto(("error",), disponible=LOGICO, url=TEXTO, timestamp=MOMENTO, error=TEXTO)
SALUD = objeto(("error",), status=TEXTO, service=TEXTO, timestamp=MOMENTO, error=TEXTO)

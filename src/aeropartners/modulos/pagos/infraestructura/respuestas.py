"""What the payment routes answer, for the OpenAPI (001, section 5)."""

from aeropartners.seedwork.infraestructura.web.openapi import (
    ENTERO,
    ID,
    MOMENTO,
    NUMERO,
    TEXTO,
    lista,
    nulo,
    objeto,
)

CREADO = objeto(
    id_pago=ID,
    id_afiliado=TEXTO,
    monto=NUMERO,
    moneda=TEXTO,
    estado=TEXTO,
    referencia_pago=TEXTO,
    fecha_creacion=MOMENTO,
    mensaje=TEXTO,
)
PAGO = objeto(
    id=ID,
    id_afiliado=TEXTO,
    monto=NUMERO,
    moneda=TEXTO,
    estado=TEXTO,
    referencia_pago=TEXTO,
    fecha_creacion=MOMENTO,
    fecha_procesamiento=nulo(MOMENTO),
    mensaje_error=nulo(TEXTO),
)
PAGINA = objeto(pagos=lista(PAGO), total=ENTERO, limit=ENTERO, offset=ENTERO)
REVERTIDO = objeto(id_pago=ID, estado=TEXTO, mensaje=TEXTO)
ESTADISTICAS = objeto(total_eventos=ENTERO, eventos_procesados=ENTERO, eventos_pendientes=ENTERO)
LIMPIEZA = objeto(mensaje=TEXTO, total_eliminados=ENTERO, timestamp=MOMENTO)

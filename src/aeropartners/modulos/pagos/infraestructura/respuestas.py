"""The OpenAPI schemas of the answers about payments (001, section 5)."""

from aeropartners.modulos.pagos.dominio.pago import Estado
from aeropartners.seedwork.dominio.valores import MONEDAS
from aeropartners.seedwork.infraestructura.web.openapi.documento import (
    ENTERO,
    ID,
    MOMENTO,
    NUMERO,
    TEXTO,
    lista,
    nulo,
    objeto,
    una_de,
)

ESTADO, MONEDA = una_de(Estado), una_de(MONEDAS)
CREADO = objeto(
    id_pago=ID,
    id_afiliado=TEXTO,
    monto=NUMERO,
    moneda=MONEDA,
    estado=ESTADO,
    referencia_pago=TEXTO,
    fecha_creacion=MOMENTO,
    mensaje=TEXTO,
)
PAGO = objeto(
    id=ID,
    id_afiliado=TEXTO,
    monto=NUMERO,
    moneda=MONEDA,
    estado=ESTADO,
    referencia_pago=TEXTO,
    fecha_creacion=MOMENTO,
    fecha_procesamiento=nulo(MOMENTO),
    mensaje_error=nulo(TEXTO),
)
PAGINA = objeto(pagos=lista(PAGO), total=ENTERO, limit=ENTERO, offset=ENTERO)
REVERTIDO = objeto(id_pago=ID, estado=ESTADO, mensaje=TEXTO)
ESTADISTICAS = objeto(total_eventos=ENTERO, eventos_procesados=ENTERO, eventos_pendientes=ENTERO)
LIMPIEZA = objeto(mensaje=TEXTO, total_eliminados=ENTERO, timestamp=MOMENTO)

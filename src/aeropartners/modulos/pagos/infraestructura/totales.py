"""A payment's part of the totals: by state, for all payments and for its affiliate."""

from decimal import Decimal

from aeropartners.modulos.pagos.dominio.pago import Pago
from aeropartners.seedwork.infraestructura.totales.proyecciones import TotalesDeFlujos
from aeropartners.seedwork.infraestructura.totales.totales import TODOS, ClaveDeTotal, Totales

CUANTOS = "pagos"
# The public events (001, section 7); the other events are internal to the module.
PUBLICADOS = ("PagoPendiente", "PagoExitoso", "PagoFallido", "PagoRevertido")


def _aporte(pago: Pago) -> Totales:
    if pago.solicitud is None:
        return {}
    grupos = (TODOS, pago.solicitud.id_afiliado)
    return {ClaveDeTotal(grupo, str(pago.estado), CUANTOS): Decimal(1) for grupo in grupos}


TOTALES = TotalesDeFlujos("pagos", Pago, _aporte)

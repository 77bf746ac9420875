"""What a payment gives to the counts: by state, of all and of its affiliate."""

from decimal import Decimal

from aeropartners.modulos.pagos.dominio.pago import Pago
from aeropartners.seedwork.infraestructura.totales.proyecciones import TotalesDeFlujos
from aeropartners.seedwork.infraestructura.totales.totales import TODOS, Clave, Totales

CUANTOS = "pagos"
# The events of 001, section 7; the rest are steps that only the module knows.
PUBLICADOS = ("PagoPendiente", "PagoExitoso", "PagoFallido", "PagoRevertido")


def _aporte(pago: Pago) -> Totales:
    if pago.solicitud is None:
        return {}
    grupos = (TODOS, pago.solicitud.id_afiliado)
    return {Clave(grupo, str(pago.estado), CUANTOS): Decimal(1) for grupo in grupos}


TOTALES = TotalesDeFlujos("pagos", Pago, _aporte)

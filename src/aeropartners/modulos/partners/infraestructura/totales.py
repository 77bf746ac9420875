"""A partner's part of the total of all partners."""

from aeropartners.modulos.partners.dominio.partner import Partner
from aeropartners.seedwork.infraestructura.totales.proyecciones import TotalesDeFlujos
from aeropartners.seedwork.infraestructura.totales.totales import TODOS, UNO, ClaveDeTotal, Totales

CUANTOS = "partners"


def _aporte(partner: Partner) -> Totales:
    return {ClaveDeTotal(TODOS, str(partner.estado), CUANTOS): UNO} if partner.ficha else {}


TOTALES = TotalesDeFlujos("partners", Partner, _aporte)

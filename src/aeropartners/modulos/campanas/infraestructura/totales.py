"""A campaign's part of the statistics: by state, for all campaigns and for its affiliate."""

from decimal import Decimal

from aeropartners.modulos.campanas.dominio.campana import Campana
from aeropartners.modulos.campanas.dominio.eventos import CampanaAnulada
from aeropartners.seedwork.dominio.evento import nombre_de
from aeropartners.seedwork.infraestructura.totales.proyecciones import TotalesDeFlujos
from aeropartners.seedwork.infraestructura.totales.totales import TODOS, ClaveDeTotal, Totales

CUANTAS = "campanas"
# The mark of an undo that came first has no public event (001, section 7).
PUBLICADOS = tuple(nombre_de(e)[0] for e in Campana.eventos if e is not CampanaAnulada)


def _aporte(campana: Campana) -> Totales:
    if campana.ficha is None:
        return {}
    metricas = campana.metricas
    medidas = {
        CUANTAS: Decimal(1),
        "impresiones": Decimal(metricas.impresiones),
        "clicks": Decimal(metricas.clicks),
        "conversiones": Decimal(metricas.conversiones),
        "gasto_actual": metricas.gasto_actual,
    }
    return {
        ClaveDeTotal(grupo, str(campana.estado), medida): valor
        for grupo in (TODOS, campana.ficha.id_afiliado)
        for medida, valor in medidas.items()
    }


TOTALES = TotalesDeFlujos("campanas", Campana, _aporte)

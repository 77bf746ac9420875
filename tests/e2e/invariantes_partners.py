"""What must be true of every run of partner sagas, counted from the tables."""

from typing import Any
from uuid import UUID

from aeropartners.contratos.partners import TIPO_PARTNER
from aeropartners.seedwork.dominio.ids_de_paso import id_de_paso
from aeropartners.simulacion.invariantes import Sagas, de_toda_saga
from saga_orchestrator.sistemas.partners.definicion import ESTADOS
from tests.e2e.invariantes import Comprobable, Cuentas, Invariantes, Violadas

PASOS = ("create_partner", "create_alliance")
HUERFANOS = """
    SELECT c.id, c.partner_id, c.estado, p.estado FROM contratos c
    LEFT JOIN partners p ON p.id = c.partner_id
    WHERE c.estado = 'activo' AND (p.id IS NULL OR p.estado = 'ELIMINADO')
"""
REPETIDOS = "SELECT email, count(*) FROM partners GROUP BY email HAVING count(*) > 1"
VARIOS = "SELECT saga_id, count(*) FROM contratos GROUP BY saga_id HAVING count(*) > 1"
DISTINTA = """
    SELECT s.id, s.estado, v.status FROM sagas s LEFT JOIN saga_states v ON v.saga_id = s.id
    WHERE s.tipo = 'PARTNER_CREATION' AND (v.status IS NULL OR v.status <> s.estado)
"""


def _cuentas(sagas: int, rechazadas: int) -> Cuentas:
    """So many sagas, those of a refused contract undone and all others completed."""
    return {
        "sagas": ("SELECT count(*) FROM saga_states", sagas),
        "completadas": ("SELECT count(*) FROM saga_states WHERE status = 'completed'", sagas - rechazadas),
        "compensadas": ("SELECT count(*) FROM saga_states WHERE status = 'compensated'", rechazadas),
        "partners": ("SELECT count(*) FROM partners", sagas),
        "contratos": ("SELECT count(*) FROM contratos", sagas),
    }


def _reglas(sistema: Comprobable) -> Violadas:
    sagas = Sagas(sistema, ESTADOS, TIPO_PARTNER)
    return {
        **de_toda_saga(sistema, sagas),
        "efectos que no cuadran con el final": _efectos(sistema, sagas),
        "contrato activo sin partner vivo": sistema.sql(HUERFANOS),
        "más de un partner por saga": sistema.sql(REPETIDOS),
        "más de un contrato por saga": sistema.sql(VARIOS),
        "saga_states distinta de la saga": sistema.sql(DISTINTA),
    }


def _efectos(sistema: Comprobable, sagas: Sagas) -> list[Any]:
    """The partner and the contract of an ended saga: both there, or neither lives."""
    partners = {str(id): estado for id, estado in sistema.sql("SELECT id, estado FROM partners")}
    contratos = {str(id): estado for id, estado in sistema.sql("SELECT id, estado FROM contratos")}
    bien = {
        True: ({"ACTIVO"}, {"activo"}),
        False: ({None, "ELIMINADO"}, {None, "rechazado", "cancelado"}),
    }
    mal: list[Any] = []
    suyos = set()
    for id, (estado, _, _) in sagas.sagas.items():
        partner_id, contrato_id = (str(id_de_paso(UUID(id), paso)) for paso in PASOS)
        suyos |= {partner_id, contrato_id}
        hallados = partners.get(partner_id), contratos.get(contrato_id)
        permitidos = bien[estado == ESTADOS.completada]
        if any(h not in p for h, p in zip(hallados, permitidos, strict=True)):
            mal.append((id, estado, hallados))
    return mal + [(id, "de ninguna saga") for id in {*partners, *contratos} - suyos]


PARTNERS = Invariantes(_reglas, _cuentas)

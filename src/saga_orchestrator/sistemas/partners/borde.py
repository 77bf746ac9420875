"""The edge of partner sagas: the start by command, and the events of partners and alliances as replies."""

from aeropartners.contratos import alianzas, partners
from aeropartners.contratos.partners import TEMA_CREAR_PARTNER, ComandoCrearPartner
from saga_orchestrator.aplicacion.borde import Borde
from saga_orchestrator.sistemas.partners.borde_alianzas import ordenar, responder
from saga_orchestrator.sistemas.partners.borde_partners import iniciar_por_comando, iniciar_y_decir, oir


def borde(timeout_minutos: int) -> Borde:
    """Return the edge; a saga started by a command has a total deadline of `timeout_minutos`."""
    return Borde(
        inicios={ComandoCrearPartner: iniciar_y_decir},
        entradas={
            alianzas.TEMA_EVENTOS: responder,
            partners.TEMA_EVENTOS: oir,
            TEMA_CREAR_PARTNER: iniciar_por_comando(timeout_minutos),
        },
        salidas={alianzas.TEMA_COMANDOS: ordenar},
    )

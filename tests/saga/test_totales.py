"""What a saga gives to the totals: it is measured once it has ended, whatever its states are called."""

import pytest

from saga_orchestrator.infraestructura.almacen.totales import DURACION, TotalesDeSagas
from tests.saga.lenguaje import Escenario
from tests.saga.partner import ALIANZA, BORRAR, con_partner
from tests.saga.relato import CAMPANA, PAGO, REPORTE, Relato


def _medidas(escenario: Escenario) -> int:
    aporte = TotalesDeSagas().aporte(escenario.saga)
    return int(max((valor for clave, valor in aporte.items() if clave.medida == DURACION), default=0))


@pytest.mark.parametrize("termina", [False, True])
def test_lo_que_dura_se_mide_al_terminar(termina: bool) -> None:
    """Each system by its own last word, and not before."""
    campana, partner = Relato().responde_exito(CAMPANA), con_partner()
    if termina:
        campana.responde_exito(PAGO).responde_exito(REPORTE).en("COMPLETADA")
        partner.exito(ALIANZA, alliance_id="a-1").en("completed")
    assert (_medidas(campana), _medidas(partner)) == (termina, termina)


def test_lo_deshecho_se_mide_como_lo_hecho() -> None:
    """A partner saga that was undone ended in a word of its own."""
    partner = con_partner().rechazo(ALIANZA, "MONTO_INVALIDO").en("compensating")
    assert _medidas(partner) == 0
    assert _medidas(partner.exito(BORRAR).en("compensated")) == 1

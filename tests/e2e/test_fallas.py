"""The mixed load under each fault: nothing is lost, nothing is done twice, and every saga ends as it may."""

from collections.abc import Iterator

import pytest

from simulacion.invariantes import despertares_falsos
from tests.e2e.bandeja import faltas_de_bandeja
from tests.e2e.carga import Carga
from tests.e2e.conftest import SERVICIOS
from tests.e2e.fallas import COPIAS, FALLAS, Escena, escena
from tests.e2e.invariantes import comprobar_siempre, esperar_final, violaciones

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
SAGAS = 30
# No fault here is silence: a step that is given up all the same was lost.
PACIENCIA_S = "600"


@pytest.fixture(scope="module")
def una_escena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Escena]:
    """One system for all faults: what it must hold grows with each."""
    with escena(tmp_path_factory.mktemp("fallas"), SAGA_STEP_TIMEOUT_S=PACIENCIA_S) as e:
        yield e


@pytest.mark.parametrize("nombre", FALLAS)
def test_falla(una_escena: Escena, nombre: str) -> None:
    """The load that the fault fell upon is as if it had not."""
    e, antes = una_escena, una_escena.muertes
    e.carga = Carga(e.sistema, list(FALLAS).index(nombre) + 1)
    with e.carga.en_marcha(SAGAS):
        e.carga.esperar(SAGAS // 3)
        FALLAS[nombre](e)
        assert not (falsos := despertares_falsos(e.sistema)), falsos
    esperar_final(e.sistema, e.sistema.valor("SELECT count(*) FROM sagas"), 180)
    balance = e.carga.balance()
    print(
        f"{nombre}: {balance.cifras}, {e.muertes - antes} muertes, {e.carga.peor_espera()} s la peor espera"
    )
    assert balance.bueno, balance
    assert not (violadas := violaciones(e.sistema)), violadas
    assert not any((faltas := faltas_de_bandeja(e.sistema)).values()), faltas


def test_lo_derivado_es_lo_que_dicen_los_eventos(una_escena: Escena) -> None:
    """After all faults the tables rebuild from the events, the totals too, and every process drains."""
    comprobar_siempre(una_escena.sistema)
    assert una_escena.sistema.parar() == {s + c: 0 for s in SERVICIOS for c in COPIAS}

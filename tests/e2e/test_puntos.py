"""SIGKILL at each named point of the campaigns' processes: all sagas end, each effect once."""

from collections.abc import Iterator

import pytest

from tests.e2e.corrida import Corrida, corriendo
from tests.puntos_de_choque import CAMPANAS

pytestmark = [pytest.mark.servicios, pytest.mark.choque]


@pytest.fixture(scope="module")
def corrida(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corrida]:
    """A running system, one for all points."""
    with corriendo(tmp_path_factory.mktemp("puntos"), Corrida, SAGA_BACKOFF_BASE_S="0.2") as corrida:
        yield corrida


@pytest.mark.parametrize("punto", CAMPANAS)
def test_muere_en_el_punto(corrida: Corrida, punto: str) -> None:
    """The process dies at the point, and the next one leaves everything as if it had not."""
    corrida.morir_en(punto)


def test_lo_derivado_es_lo_que_dicen_los_eventos(corrida: Corrida) -> None:
    """After all those deaths, rebuilt tables and totals equal the live ones."""
    corrida.terminar()

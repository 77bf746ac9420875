"""The mixed load under each fault: nothing is lost, nothing is done twice, and every saga ends as it may."""

from collections.abc import Iterator

import pytest

from tests.e2e.fallas import FALLAS, Escena, escena, sufrir, terminar

pytestmark = [pytest.mark.servicios, pytest.mark.choque]


@pytest.fixture(scope="module")
def una_escena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Escena]:
    """One system for all faults: what it must hold grows with each."""
    with escena(tmp_path_factory.mktemp("fallas")) as e:
        yield e


@pytest.mark.parametrize("nombre", FALLAS)
def test_falla(una_escena: Escena, nombre: str) -> None:
    """The load that the fault fell upon is as if it had not."""
    sufrir(una_escena, nombre, FALLAS[nombre], list(FALLAS).index(nombre) + 1)


def test_lo_derivado_es_lo_que_dicen_los_eventos(una_escena: Escena) -> None:
    """After all faults everything that is derived is what the events say."""
    terminar(una_escena)

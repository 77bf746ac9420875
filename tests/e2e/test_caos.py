"""PostgreSQL, Pulsar and processes killed under load; nobody else uses the services meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from tests.e2e.caos import OBJETIVOS, caos
from tests.e2e.fallas import DE_SERVICIOS, Escena, escena, sufrir, terminar
from tests.servicios import reservados

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
MUERTES, SEMILLA = {"campanas": 10, "partners": 10, "cafeteria": 4}, 26


@pytest.fixture(scope="module", autouse=True)
def solo() -> Iterator[None]:
    """From the first kill to the last."""
    with reservados(solo=True):
        yield


@pytest.mark.parametrize("sistema", list(OBJETIVOS))
def test_muertes_al_azar(tmp_path: Path, sistema: str) -> None:
    """Random kills, always the same ones (`make caos N=…` plays others): every invariant holds."""
    informe = caos(tmp_path, MUERTES[sistema], SEMILLA, objetivo=OBJETIVOS[sistema])
    Console().print(informe.tabla())
    assert informe.bueno, (informe.balance, informe.violadas, informe.hallazgos)
    assert sum(informe.muertes.values()) == MUERTES[sistema]


@pytest.fixture(scope="module")
def una_escena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Escena]:
    """One system for the deaths of both services."""
    with escena(tmp_path_factory.mktemp("servicios")) as e:
        yield e


@pytest.mark.parametrize("nombre", DE_SERVICIOS)
def test_muere_un_servicio(una_escena: Escena, nombre: str) -> None:
    """The mixed load that it fell upon is as if it had not."""
    sufrir(una_escena, nombre, DE_SERVICIOS[nombre], 101 + list(DE_SERVICIOS).index(nombre))


def test_lo_derivado_es_lo_que_dicen_los_eventos(una_escena: Escena) -> None:
    """After both everything that is derived is what the events say."""
    terminar(una_escena)

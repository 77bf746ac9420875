"""The same for orders, whose one process has the orchestrator and every module."""

from collections.abc import Iterator

import pytest

from tests.e2e.caos import ObjetivoCafeteria
from tests.e2e.corrida import Corrida, corriendo
from tests.e2e.invariantes_cafeteria import CAFETERIA as INVARIANTES
from tests.e2e.sistema import SERVICIOS_CAFETERIA
from tests.puntos_de_choque import CAFETERIA

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
# The points of the publisher, the relay and the orchestrator are those of the campaigns.
DE_CAFETERIA = [p for p in CAFETERIA if not p.startswith(("relevo.", "publicador.", "saga-orchestrator."))]


class CorridaCafeteria(Corrida):
    """The process of the coffee shop."""

    servicios, invariantes = SERVICIOS_CAFETERIA, INVARIANTES
    orquestador = otro = "cafeteria-api"

    def iniciar(self, numero: int) -> str:
        return self.sistema.iniciar_pedido(numero)

    def estropear(self, punto: str) -> None:
        """It calls nobody."""

    def volver(self, punto: str) -> None:
        """It calls nobody."""


@pytest.fixture(scope="module")
def corrida(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corrida]:
    """A running system, one for all points."""
    carpeta = tmp_path_factory.mktemp("puntos-cafeteria")
    with corriendo(carpeta, CorridaCafeteria, **ObjetivoCafeteria.entorno) as corrida:
        yield corrida


@pytest.mark.parametrize("punto", DE_CAFETERIA)
def test_muere_en_el_punto(corrida: Corrida, punto: str) -> None:
    """The process dies at the point: each order confirmed with its units gone, or nothing of it."""
    corrida.morir_en(punto)


def test_lo_derivado_es_lo_que_dicen_los_eventos(corrida: Corrida) -> None:
    """After all of them everything that is derived is what the events say."""
    corrida.terminar()

"""The same for partner sagas, whose services are processes of their own."""

from collections.abc import Iterator

import pytest

from tests.e2e.averias import nadie_contesta
from tests.e2e.caos import ObjetivoPartners
from tests.e2e.corrida import CAIDA, Corrida, corriendo
from tests.e2e.invariantes_partners import PARTNERS as INVARIANTES
from tests.e2e.sistema import SERVICIOS_PARTNERS
from tests.puntos_de_choque import PARTNERS

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
# Three of these processes have a relay, and which of them finds a burst is chance: its points are those of
# the campaigns, and of the embedded suite with partners.
DE_PARTNERS = [punto for punto in PARTNERS if not punto.startswith("relevo.")]


class CorridaPartners(Corrida):
    """The processes of the partners' system."""

    servicios, invariantes = SERVICIOS_PARTNERS, INVARIANTES
    orquestador, otro = "orquestador-partners", "alianzas"

    def iniciar(self, numero: int) -> str:
        return self.sistema.iniciar_partner(numero)

    def proceso_de(self, modulo: str) -> str:
        return "integraciones" if modulo == "partners" else modulo

    def entorno(self, punto: str) -> dict[str, str]:
        return {"INTEGRACIONES_API_URL": CAIDA} if nadie_contesta(punto) else {}

    def estropear(self, punto: str) -> None:
        """The one that dies is told of a neighbour that is not there."""

    def volver(self, punto: str) -> None:
        """It comes back with the right address."""


@pytest.fixture(scope="module")
def corrida(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corrida]:
    """A running system, one for all points; with attempts enough for a neighbour that starts again."""
    carpeta = tmp_path_factory.mktemp("puntos-partners")
    with corriendo(carpeta, CorridaPartners, **ObjetivoPartners.entorno) as corrida:
        yield corrida


@pytest.mark.parametrize("punto", DE_PARTNERS)
def test_muere_en_el_punto(corrida: Corrida, punto: str) -> None:
    """The process dies at the point: one partner and one contract each, or neither lives."""
    corrida.morir_en(punto)


def test_lo_derivado_es_lo_que_dicen_los_eventos(corrida: Corrida) -> None:
    """After all those deaths, rebuilt tables and totals equal the live ones."""
    corrida.terminar()

"""SIGKILL at each named point of the real processes: all sagas end, each effect once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from arranque.puntos import PUNTOS
from tests.e2e.averias import ARREGLAR, ROMPER, sin_datos, tabla_que_falla
from tests.e2e.conftest import Sistema, migrado
from tests.e2e.invariantes import comprobar, comprobar_cuentas, esperar_final

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
SAGAS = 5
CAIDA = "http://127.0.0.1:9"


class Corrida:
    """One system that dies at one point after the other; what it must hold grows with each."""

    def __init__(self, sistema: Sistema) -> None:
        self.sistema = sistema
        self._sagas = 0

    def morir_en(self, punto: str) -> None:
        """Kill a process at the point under load, start it again, and count."""
        sistema, victimas = self.sistema, _victimas(punto)
        self._romper(punto)
        for servicio, armado in victimas.items():
            sistema.matar(servicio)
            sistema.arrancar(servicio, PUNTO_DE_CHOQUE=armado)
        numeros = range(self._sagas + 1, self._sagas + SAGAS + 1)
        with ThreadPoolExecutor(SAGAS) as clientes:
            iniciadas = [clientes.submit(sistema.iniciar_saga, numero) for numero in numeros]
            for servicio in victimas:
                sistema.esperar_muerte(servicio)
            self._arreglar(punto)
            sistema.arrancar(*victimas)
            sistema.listos()
            self._datos(sistema.url["modulos"] if sin_datos(punto) else "")
        assert len({i.result() for i in iniciadas}) == SAGAS
        self._sagas += SAGAS
        self._comprobar(comprobar_cuentas)

    def terminar(self) -> None:
        """Compare everything derived with the events."""
        self._comprobar(comprobar)

    def _comprobar(self, como: Callable[[Sistema, int, int], None]) -> None:
        esperar_final(self.sistema, self._sagas)
        como(self.sistema, self._sagas, self._sagas // 5)

    def _romper(self, punto: str) -> None:
        if tabla := tabla_que_falla(punto):
            for orden in ROMPER["postgresql"]:
                self.sistema.sql(f"{orden.format(tabla=tabla)}; SELECT 1")
        self._datos(CAIDA if sin_datos(punto) else "")

    def _arreglar(self, punto: str) -> None:
        if tabla_que_falla(punto):
            for orden in ARREGLAR["postgresql"]:
                self.sistema.sql(f"{orden}; SELECT 1")

    def _datos(self, url: str) -> None:
        if url:
            admin = f"{self.sistema.url['modulos']}/reporting/admin/servicio-datos"
            httpx.post(admin, json={"url": url, "version": "v1"}, timeout=20).raise_for_status()


def _victimas(punto: str) -> dict[str, str]:
    """Return which processes die, each at its point; what a publisher left behind is the relay's."""
    lugar = punto.partition(".")[0]
    if lugar == "relevo":
        return {"orquestador": "publicador.publicar", "modulos": punto}
    return {"orquestador" if lugar in ("saga-orchestrator", "publicador") else "modulos": punto}


@pytest.fixture(scope="module")
def corrida(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corrida]:
    """A running system, one for all points."""
    with migrado(tmp_path_factory.mktemp("puntos"), SAGA_BACKOFF_BASE_S="0.2") as sistema:
        sistema.arrancar()
        sistema.listos()
        yield Corrida(sistema)


@pytest.mark.parametrize("punto", PUNTOS)
def test_muere_en_el_punto(corrida: Corrida, punto: str) -> None:
    """The process dies at the point, and the next one leaves everything as if it had not."""
    corrida.morir_en(punto)


def test_lo_derivado_es_lo_que_dicen_los_eventos(corrida: Corrida) -> None:
    """After all those deaths, rebuilt tables and totals equal the live ones."""
    corrida.terminar()

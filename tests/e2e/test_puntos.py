"""SIGKILL at each named point of the real processes: all sagas end, each effect once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from arranque.puntos import CAMPANAS, PARTNERS
from tests.e2e import invariantes, invariantes_partners
from tests.e2e.averias import ARREGLAR, ROMPER, nadie_contesta, sin_datos, tabla_que_falla
from tests.e2e.caos import ObjetivoPartners
from tests.e2e.conftest import SERVICIOS, SERVICIOS_PARTNERS, Sistema, migrado
from tests.e2e.invariantes import esperar_final

pytestmark = [pytest.mark.servicios, pytest.mark.choque]
SAGAS = 5
CAIDA = "http://127.0.0.1:9"


class Corrida:
    """One system that dies at one point after the other; what it must hold grows with each."""

    servicios: tuple[str, ...] = SERVICIOS
    orquestador, otro = "orquestador", "modulos"

    def __init__(self, sistema: Sistema) -> None:
        self.sistema = sistema
        self._sagas = 0

    def iniciar(self, numero: int) -> str:
        """Start a saga; every fifth is refused."""
        return self.sistema.iniciar_saga(numero)

    def cuentas(self) -> None:
        """The counts, and what holds of any load."""
        invariantes.comprobar_cuentas(self.sistema, self._sagas, self._sagas // 5)

    def todo(self) -> None:
        """Also what is derived."""
        invariantes.comprobar(self.sistema, self._sagas, self._sagas // 5)

    def morir_en(self, punto: str) -> None:
        """Kill a process at the point under load, start it again, and count."""
        sistema, victimas = self.sistema, self.victimas(punto)
        self._romper(punto)
        for servicio, armado in victimas.items():
            sistema.matar(servicio)
            sistema.arrancar(servicio, PUNTO_DE_CHOQUE=armado, **self.entorno(punto))
        numeros = range(self._sagas + 1, self._sagas + SAGAS + 1)
        with ThreadPoolExecutor(SAGAS) as clientes:
            iniciadas = [clientes.submit(self.iniciar, numero) for numero in numeros]
            for servicio in victimas:
                sistema.esperar_muerte(servicio)
            self._arreglar(punto)
            sistema.arrancar(*victimas)
            sistema.listos()
            self.volver(punto)
        assert len({i.result() for i in iniciadas}) == SAGAS
        self._sagas += SAGAS
        self._comprobar(self.cuentas)

    def terminar(self) -> None:
        """Compare everything derived with the events."""
        self._comprobar(self.todo)

    def victimas(self, punto: str) -> dict[str, str]:
        """Return which processes die, each at its point; what a publisher left behind is the relay's."""
        lugar = punto.partition(".")[0]
        if lugar == "relevo":
            return {self.orquestador: "publicador.publicar", self.otro: punto}
        de_orquestador = lugar in ("saga-orchestrator", "publicador")
        return {self.orquestador if de_orquestador else self.proceso_de(lugar): punto}

    def proceso_de(self, _modulo: str) -> str:
        """The process of a module."""
        return self.otro

    def entorno(self, _punto: str) -> dict[str, str]:
        """What the one that dies has besides."""
        return {}

    def volver(self, punto: str) -> None:
        """Put right what was wrong for this point."""
        self._datos(self.sistema.url["modulos"] if sin_datos(punto) else "")

    def _comprobar(self, como: Callable[[], None]) -> None:
        esperar_final(self.sistema, self._sagas)
        como()

    def _romper(self, punto: str) -> None:
        if tabla := tabla_que_falla(punto):
            for orden in ROMPER["postgresql"]:
                self.sistema.sql(f"{orden.format(tabla=tabla)}; SELECT 1")
        self.estropear(punto)

    def estropear(self, punto: str) -> None:
        """Make the neighbour fail whose failure belongs to this point."""
        self._datos(CAIDA if sin_datos(punto) else "")

    def _arreglar(self, punto: str) -> None:
        if tabla_que_falla(punto):
            for orden in ARREGLAR["postgresql"]:
                self.sistema.sql(f"{orden}; SELECT 1")

    def _datos(self, url: str) -> None:
        if url:
            admin = f"{self.sistema.url['modulos']}/reporting/admin/servicio-datos"
            httpx.post(admin, json={"url": url, "version": "v1"}, timeout=20).raise_for_status()


class CorridaPartners(Corrida):
    """The same with partner sagas, whose services are processes of their own."""

    servicios = SERVICIOS_PARTNERS
    orquestador, otro = "orquestador-partners", "alianzas"

    def iniciar(self, numero: int) -> str:
        return self.sistema.iniciar_partner(numero)

    def cuentas(self) -> None:
        invariantes_partners.comprobar_cuentas(self.sistema, self._sagas, self._sagas // 5)

    def todo(self) -> None:
        invariantes_partners.comprobar(self.sistema, self._sagas, self._sagas // 5)

    def proceso_de(self, modulo: str) -> str:
        return "integraciones" if modulo == "partners" else modulo

    def entorno(self, punto: str) -> dict[str, str]:
        return {"INTEGRACIONES_API_URL": CAIDA} if nadie_contesta(punto) else {}

    def estropear(self, punto: str) -> None:
        """The one that dies is told of a neighbour that is not there."""

    def volver(self, punto: str) -> None:
        """It comes back with the right address."""


# Three of these processes have a relay, and which of them finds a burst is chance: its points are those of
# the campaigns, and of the embedded suite with partners.
DE_PARTNERS = [punto for punto in PARTNERS if not punto.startswith("relevo.")]


@contextmanager
def _corriendo(carpeta: Path, clase: type[Corrida], **entorno: str) -> Iterator[Corrida]:
    with migrado(carpeta, **entorno) as sistema:
        sistema.arrancar(*clase.servicios)
        sistema.listos()
        yield clase(sistema)


@pytest.fixture(scope="module")
def corrida(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corrida]:
    """A running system, one for all points."""
    with _corriendo(tmp_path_factory.mktemp("puntos"), Corrida, SAGA_BACKOFF_BASE_S="0.2") as corrida:
        yield corrida


@pytest.fixture(scope="module")
def corrida_partners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corrida]:
    """The same for partners; with attempts enough for a neighbour that starts again."""
    carpeta = tmp_path_factory.mktemp("puntos-partners")
    with _corriendo(carpeta, CorridaPartners, **ObjetivoPartners.entorno) as corrida:
        yield corrida


@pytest.mark.parametrize("punto", CAMPANAS)
def test_muere_en_el_punto(corrida: Corrida, punto: str) -> None:
    """The process dies at the point, and the next one leaves everything as if it had not."""
    corrida.morir_en(punto)


def test_lo_derivado_es_lo_que_dicen_los_eventos(corrida: Corrida) -> None:
    """After all those deaths, rebuilt tables and totals equal the live ones."""
    corrida.terminar()


@pytest.mark.parametrize("punto", DE_PARTNERS)
def test_partners_muere_en_el_punto(corrida_partners: Corrida, punto: str) -> None:
    """The same of partner sagas: one partner and one contract each, or neither lives."""
    corrida_partners.morir_en(punto)


def test_partners_lo_derivado_es_lo_que_dicen_los_eventos(corrida_partners: Corrida) -> None:
    """The same of what is derived from them."""
    corrida_partners.terminar()

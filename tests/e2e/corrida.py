"""A system of real processes that dies at one named point after the other, and is counted each time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.averias import ARREGLAR, ROMPER, sin_datos, tabla_que_falla
from tests.e2e.invariantes import CAMPANAS, Invariantes, esperar_final
from tests.e2e.sistema import SERVICIOS, Sistema, migrado
from tests.red import RED

SAGAS = 5
CAIDA = "http://127.0.0.1:9"


class Corrida:
    """One system that dies at one point after the other; what it must hold grows with each."""

    servicios: tuple[str, ...] = SERVICIOS
    invariantes: Invariantes = CAMPANAS
    orquestador, otro = "orquestador", "modulos"

    def __init__(self, sistema: Sistema) -> None:
        self.sistema = sistema
        self._sagas = 0

    def iniciar(self, numero: int) -> str:
        """Start a saga; every fifth is refused."""
        return self.sistema.iniciar_saga(numero)

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
        self._comprobar(self.invariantes.comprobar_cuentas)

    def terminar(self) -> None:
        """Compare everything derived with the events."""
        self._comprobar(self.invariantes.comprobar)

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

    def _comprobar(self, como: Callable[[Sistema, int, int], None]) -> None:
        esperar_final(self.sistema, self._sagas)
        como(self.sistema, self._sagas, self._sagas // 5)

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
            RED.post(admin, json={"url": url, "version": "v1"}, timeout=20).raise_for_status()


@contextmanager
def corriendo(carpeta: Path, clase: type[Corrida], **entorno: str) -> Iterator[Corrida]:
    """Such a system, running."""
    with migrado(carpeta, **entorno) as sistema:
        sistema.arrancar(*clase.servicios)
        sistema.listos()
        yield clase(sistema)

"""Real processes on a real PostgreSQL and a real Pulsar, each test run with its own database and topics."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest

from tests.datos import cuerpo_de_partner, cuerpo_de_saga
from tests.esperas import hasta

SERVICIOS = ("orquestador", "modulos", "bff")
SERVICIOS_PARTNERS = ("orquestador-partners", "integraciones", "alianzas", "bff-partners")


def _puerto() -> int:
    """Return a free port below those that the system lends to clients: a process comes back to its own."""
    while True:
        puerto = random.randrange(20_000, 32_000)
        with socket.socket() as s, suppress(OSError):
            s.bind(("127.0.0.1", puerto))
            return puerto


class Sistema:
    """The processes of the campaign system, and how to kill and start each.

    A process is named by its service, its second copy by `@2`: each copy of the BFF calls the
    orchestrator of its own number.
    """

    unidad = 1

    def __init__(self, entorno: dict[str, str], registros: Path) -> None:
        self.url: dict[str, str] = defaultdict(lambda: f"http://127.0.0.1:{_puerto()}")
        self.registros = registros
        self.database_url = entorno["DATABASE_URL"]
        self.entorno = {
            **os.environ,
            "GATEWAY_LATENCY_S": "0.2",
            "CAMPAIGNS_URL": self.url["modulos"],
            "PAGOS_URL": self.url["modulos"],
            **entorno,
        }
        self.abandonado = threading.Event()
        self._procesos: dict[str, subprocess.Popen[bytes]] = {}

    def ejecutar(self, *argumentos: str) -> None:
        """Run one command of the CLI to its end."""
        subprocess.run([*_CLI, *argumentos], env=self.entorno, check=True, timeout=120)

    def arrancar(self, *nombres: str, opciones: Sequence[str] = (), **entorno: str) -> None:
        """Start processes, with these options and variables besides; `listos` waits for them."""
        for nombre in nombres or SERVICIOS:
            servicio, arroba, copia = nombre.partition("@")
            propio = {
                "PORT": self.url[nombre].rpartition(":")[2],
                "ORQUESTADOR_URL": self.url[f"orquestador{arroba}{copia}"],
                "SAGA_ORCHESTRATOR_URL": self.url[f"orquestador-partners{arroba}{copia}"],
                "INTEGRACIONES_API_URL": self.url[f"integraciones{arroba}{copia}"],
            }
            with (self.registros / f"{nombre}.log").open("ab") as registro:
                self._procesos[nombre] = subprocess.Popen(
                    [*_CLI, "servir", servicio, *opciones],
                    env={**self.entorno, **propio, **entorno},
                    stdout=registro,
                    stderr=registro,
                    start_new_session=True,  # a Ctrl-C is ours, not theirs
                )

    def listos(self, *nombres: str) -> None:
        """Wait until these processes, or all, work."""
        for nombre in nombres or tuple(self._procesos):
            hasta(lambda nombre=nombre: self._listo(nombre), f"{nombre} listo")

    def matar(self, nombre: str) -> None:
        """kill -9."""
        proceso = self._procesos.pop(nombre)
        proceso.kill()
        proceso.wait()

    def pid(self, nombre: str) -> int:
        """Return the process id."""
        return self._procesos[nombre].pid

    def senal(self, nombre: str, senal: signal.Signals) -> None:
        """Send a signal."""
        self._procesos[nombre].send_signal(senal)

    def vive(self, nombre: str) -> bool:
        """Whether the process runs."""
        return self._procesos[nombre].poll() is None

    def esperar_muerte(self, nombre: str) -> None:
        """Wait until a process that is to kill itself has done so."""
        hasta(lambda: self._procesos[nombre].poll() is not None, f"la muerte de {nombre}")
        assert self._procesos.pop(nombre).returncode == -signal.SIGKILL

    def parar(self) -> dict[str, int]:
        """SIGTERM to all that run; return their exit codes."""
        for proceso in self._procesos.values():
            proceso.send_signal(signal.SIGTERM)
        codigos = {s: p.wait(60) for s, p in self._procesos.items()}
        self._procesos.clear()
        return codigos

    def iniciar_saga(self, numero: int) -> str:
        """Start a saga over HTTP; every fifth is refused."""
        cuerpo = cuerpo_de_saga(f"{'FALLA-' if numero % 5 == 0 else ''}{uuid.uuid4()}")
        respuesta = self.pedir("/saga/crear-campana-completa", cuerpo, f"saga-{numero}")
        respuesta.raise_for_status()
        return str(respuesta.json()["saga_id"])

    def iniciar_partner(self, numero: int) -> str:
        """Start a partner saga over HTTP; the contract of every fifth is refused."""
        nombre = uuid.uuid5(uuid.NAMESPACE_OID, str(numero)).hex
        monto = 60000 if numero % 5 == 0 else 1000
        cuerpo = cuerpo_de_partner(email=f"{nombre}@example.com", contrato={"monto": monto})
        respuesta = self.pedir("/api/v1/partners/", cuerpo, f"saga-{numero}", bff="bff-partners")
        respuesta.raise_for_status()
        return str(respuesta.json()["saga_id"])

    def pedir(
        self, ruta: str, cuerpo: object, clave: str, segundos: float = 120, bff: str = "bff"
    ) -> httpx.Response:
        """POST to any copy of the BFF, again with the same key until one answers for good: 429 is "later"."""
        turnos = cycle([bff, *(n for n in tuple(self._procesos) if n.startswith(f"{bff}@"))])

        def intento() -> httpx.Response | None:
            if self.abandonado.is_set():
                raise InterruptedError(clave)
            cabeceras = {"Idempotency-Key": clave}
            try:
                hecho = httpx.post(self.url[next(turnos)] + ruta, json=cuerpo, headers=cabeceras, timeout=5)
            except httpx.HTTPError:
                return None
            return hecho if hecho.status_code < 500 and hecho.status_code != 429 else None

        return hasta(intento, f"respuesta a {clave}", segundos)

    def sql(self, consulta: str) -> list[tuple[Any, ...]]:
        """Run a query."""
        conexion = psycopg2.connect(self.database_url)
        try:
            with conexion, conexion.cursor() as cursor:
                cursor.execute(consulta)
                return cursor.fetchall()
        finally:
            conexion.close()

    def valor(self, consulta: str) -> Any:
        """Return the one value of a query."""
        return self.sql(consulta)[0][0]

    def atrasos(self) -> dict[str, int]:
        """Return the backlog of each subscription that has one."""
        raiz = (
            f"{os.environ['PULSAR_ADMIN_URL']}/admin/v2/persistent/public/{self.entorno['PULSAR_NAMESPACE']}"
        )
        temas = httpx.get(f"{raiz}/partitioned", timeout=20).json()
        atrasos = {}
        for tema in (t.rsplit("/", 1)[1] for t in temas):
            estado = httpx.get(f"{raiz}/{tema}/partitioned-stats?perPartition=false", timeout=20).json()
            for nombre, suscripcion in estado["subscriptions"].items():
                atrasos[f"{tema}/{nombre}"] = suscripcion["msgBacklog"]
        return {k: v for k, v in atrasos.items() if v}

    def atraso(self) -> int:
        """Return how many messages wait in all subscriptions."""
        return sum(self.atrasos().values())

    def bitacora(self) -> str:
        """Return the end of each process's log."""
        return "\n".join(
            f"{r.name}:\n{r.read_text(errors='replace')[-2000:]}" for r in self.registros.glob("*.log")
        )

    def _listo(self, nombre: str) -> bool:
        if self._procesos[nombre].poll() is not None:
            registro = (self.registros / f"{nombre}.log").read_text(errors="replace")[-3000:]
            raise AssertionError(f"{nombre} terminó al arrancar:\n{registro}")
        try:
            return httpx.get(f"{self.url[nombre]}/ready", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False


_CLI = (sys.executable, "-c", "from arranque.cli import principal; principal()")


@contextmanager
def migrado(registros: Path, **propio: str) -> Iterator[Sistema]:
    """A migrated system of its own: a fresh database, and a Pulsar namespace that `migrar` makes."""
    faltan = [v for v in ("DATABASE_URL", "PULSAR_URL", "PULSAR_ADMIN_URL") if not os.environ.get(v)]
    if faltan and os.environ.get("SERVICIOS_REALES") != "1":
        pytest.skip("sin servicios reales: use `make test`")
    assert not faltan, f"faltan {faltan}: los servicios reales no están"
    nombre = f"e2e_{uuid.uuid4().hex[:12]}"
    origen = os.environ["DATABASE_URL"]
    _administrar(origen, f"CREATE DATABASE {nombre}")
    entorno = {"DATABASE_URL": origen.rsplit("/", 1)[0] + f"/{nombre}", "PULSAR_NAMESPACE": nombre, **propio}
    sistema = Sistema(entorno, registros)
    try:
        sistema.ejecutar("migrar")
        yield sistema
    finally:
        sistema.parar()
        _administrar(origen, f"DROP DATABASE {nombre} WITH (FORCE)")


@pytest.fixture
def sistema(tmp_path: Path) -> Iterator[Sistema]:
    """A system for one test."""
    with migrado(tmp_path) as sistema:
        yield sistema


def _administrar(url: str, orden: str) -> None:
    conexion = psycopg2.connect(url)
    conexion.autocommit = True
    with conexion.cursor() as cursor:
        cursor.execute(orden)
    conexion.close()

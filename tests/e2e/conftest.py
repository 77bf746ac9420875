"""Real processes on a real PostgreSQL and a real Pulsar, each test run with its own database and topics."""

import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest

from tests.datos import cuerpo_de_saga
from tests.esperas import hasta

SERVICIOS = ("orquestador", "modulos", "bff")


def _puerto() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Sistema:
    """The three processes of the campaign system, and how to kill and start each."""

    unidad = 1

    def __init__(self, entorno: dict[str, str], registros: Path) -> None:
        self.puertos = {s: _puerto() for s in SERVICIOS}
        self.url = {s: f"http://127.0.0.1:{p}" for s, p in self.puertos.items()}
        self.registros = registros
        self.database_url = entorno["DATABASE_URL"]
        self._entorno = {
            **os.environ,
            **entorno,
            "GATEWAY_LATENCY_S": "0.2",
            "PUERTO_ORQUESTADOR": str(self.puertos["orquestador"]),
            "PUERTO_PRINCIPAL": str(self.puertos["modulos"]),
            "PUERTO_BFF": str(self.puertos["bff"]),
            "ORQUESTADOR_URL": self.url["orquestador"],
            "CAMPAIGNS_URL": self.url["modulos"],
            "PAGOS_URL": self.url["modulos"],
        }
        self._procesos: dict[str, subprocess.Popen[bytes]] = {}

    def ejecutar(self, *argumentos: str) -> None:
        """Run one command of the CLI to its end."""
        subprocess.run([*_CLI, *argumentos], env=self._entorno, check=True, timeout=120)

    def arrancar(self, *servicios: str, **entorno: str) -> None:
        """Start processes, with these variables besides; `listos` waits for them."""
        for servicio in servicios or SERVICIOS:
            with (self.registros / f"{servicio}.log").open("ab") as registro:
                self._procesos[servicio] = subprocess.Popen(
                    [*_CLI, "servir", servicio],
                    env={**self._entorno, **entorno},
                    stdout=registro,
                    stderr=registro,
                )

    def listos(self) -> None:
        """Wait until every process works."""
        for servicio in SERVICIOS:
            hasta(lambda servicio=servicio: self._listo(servicio), f"{servicio} listo")

    def matar(self, servicio: str) -> None:
        """kill -9."""
        proceso = self._procesos.pop(servicio)
        proceso.kill()
        proceso.wait()

    def esperar_muerte(self, servicio: str) -> None:
        """Wait until a process that is to kill itself has done so."""
        hasta(lambda: self._procesos[servicio].poll() is not None, f"la muerte de {servicio}")
        assert self._procesos.pop(servicio).returncode == -signal.SIGKILL

    def parar(self) -> dict[str, int]:
        """SIGTERM to all that run; return their exit codes."""
        for proceso in self._procesos.values():
            proceso.send_signal(signal.SIGTERM)
        codigos = {s: p.wait(60) for s, p in self._procesos.items()}
        self._procesos.clear()
        return codigos

    def iniciar_saga(self, numero: int) -> str:
        """Start a saga over HTTP, again with the same key until it is accepted; every fifth is refused."""
        clave = f"saga-{numero}"
        cuerpo = cuerpo_de_saga(f"{'FALLA-' if numero % 5 == 0 else ''}{uuid.uuid4()}")

        def intento() -> str | None:
            try:
                respuesta = httpx.post(
                    f"{self.url['bff']}/saga/crear-campana-completa",
                    json=cuerpo,
                    headers={"Idempotency-Key": clave},
                    timeout=5,
                )
            except httpx.HTTPError:
                return None
            if respuesta.status_code >= 500:
                return None
            respuesta.raise_for_status()
            return str(respuesta.json()["saga_id"])

        return hasta(intento, f"la saga {numero} aceptada")

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
            f"{os.environ['PULSAR_ADMIN_URL']}/admin/v2/persistent/public/{self._entorno['PULSAR_NAMESPACE']}"
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

    def _listo(self, servicio: str) -> bool:
        if self._procesos[servicio].poll() is not None:
            registro = (self.registros / f"{servicio}.log").read_text(errors="replace")[-3000:]
            raise AssertionError(f"{servicio} terminó al arrancar:\n{registro}")
        try:
            return httpx.get(f"{self.url[servicio]}/ready", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False


_CLI = (sys.executable, "-c", "from arranque.cli import principal; principal()")


@contextmanager
def migrado(registros: Path, **propio: str) -> Iterator[Sistema]:
    """A migrated system of its own: a fresh database, and a fresh Pulsar namespace."""
    faltan = [v for v in ("DATABASE_URL", "PULSAR_URL", "PULSAR_ADMIN_URL") if not os.environ.get(v)]
    if faltan and os.environ.get("SERVICIOS_REALES") != "1":
        pytest.skip("sin servicios reales: use `make test`")
    assert not faltan, f"faltan {faltan}: los servicios reales no están"
    nombre = f"e2e_{uuid.uuid4().hex[:12]}"
    origen = os.environ["DATABASE_URL"]
    _administrar(origen, f"CREATE DATABASE {nombre}")
    admin = f"{os.environ['PULSAR_ADMIN_URL']}/admin/v2/namespaces/public/{nombre}"
    creado = httpx.put(admin, json={"bundles": {"numBundles": 4}}, timeout=20)
    creado.raise_for_status()
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

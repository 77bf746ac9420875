"""Our own system for one measurement: a database and a namespace of its own, and the real processes."""

import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg2

CLI = (sys.executable, "-c", "from arranque.cli import principal; principal()")
PUERTOS = {"orquestador": 18091, "modulos": 18000, "bff": 18090}
ENTRE_COPIAS = 200
PARAR_S, LISTO_S = 60, 60


@dataclass
class Sistema:
    """Where the system is, and its processes by name."""

    base: str
    espacio: str
    entorno: dict[str, str]
    procesos: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    registros: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="bench-")))

    def conectar(self) -> Any:
        """Return a connection for looking at the tables."""
        conexion = psycopg2.connect(self.base)
        conexion.autocommit = True
        return conexion

    def pids(self) -> dict[str, int]:
        """Return the processes, for who measures them."""
        return {nombre: proceso.pid for nombre, proceso in self.procesos.items()}

    def url(self, servicio: str, copia: int = 0) -> str:
        """Return where a service, or one of its copies, answers."""
        return f"http://127.0.0.1:{PUERTOS[servicio] + copia * ENTRE_COPIAS}"

    def empezar(self, servicio: str, copia: int = 0) -> None:
        """Start a process; what it says goes to a file, which stays for who looks for a reason."""
        nombre = f"{servicio}-{copia + 1}" if copia else servicio
        entorno = {**self.entorno, "PORT": str(PUERTOS[servicio] + copia * ENTRE_COPIAS)}
        with (self.registros / f"{nombre}.log").open("wb") as registro:
            self.procesos[nombre] = subprocess.Popen(
                [*CLI, "servir", servicio], env=entorno, stdout=registro, stderr=registro
            )

    def listo(self, servicio: str, copia: int = 0) -> None:
        """Wait until a service is ready."""
        _esperar_listo(self.url(servicio, copia))


@contextmanager
def base_y_espacio() -> Iterator[tuple[str, str]]:
    """Make a database, name a Pulsar namespace for `migrar` to make, and drop the database in the end."""
    nombre = f"bench_{uuid.uuid4().hex[:12]}"
    origen = os.environ["DATABASE_URL"]
    _administrar(origen, f"CREATE DATABASE {nombre}")
    try:
        yield origen.rsplit("/", 1)[0] + f"/{nombre}", nombre
    finally:
        _administrar(origen, f"DROP DATABASE {nombre} WITH (FORCE)")


@contextmanager
def sistema(
    servicios: Sequence[str] = ("orquestador", "modulos"), copias: int = 1, **ajustes: str
) -> Iterator[Sistema]:
    """Migrate a fresh database and start the services on it; `ajustes` are variables of the environment."""
    with (
        base_y_espacio() as (base, espacio),
        procesos(base, espacio, servicios, copias, **ajustes) as nuestro,
    ):
        yield nuestro


@contextmanager
def procesos(
    base: str,
    espacio: str,
    servicios: Sequence[str] = ("orquestador", "modulos"),
    copias: int = 1,
    **ajustes: str,
) -> Iterator[Sistema]:
    """Start so many copies of each service, wait until they are ready, and stop them in the end."""
    entorno = {
        **os.environ,
        "DATABASE_URL": base,
        "PULSAR_NAMESPACE": espacio,
        "GATEWAY_LATENCY_S": "0",
        "SAGA_STEP_TIMEOUT_S": "600",
        "PUERTO_ORQUESTADOR": str(PUERTOS["orquestador"]),
        "PUERTO_PRINCIPAL": str(PUERTOS["modulos"]),
        "PUERTO_BFF": str(PUERTOS["bff"]),
        "CAMPAIGNS_URL": f"http://127.0.0.1:{PUERTOS['modulos']}",
        "ORQUESTADOR_URL": f"http://127.0.0.1:{PUERTOS['orquestador']}",
        **ajustes,
    }
    subprocess.run([*CLI, "migrar"], env=entorno, check=True, stdout=subprocess.DEVNULL)
    nuestro = Sistema(base, espacio, entorno)
    try:
        for servicio in servicios:
            for copia in range(copias):
                nuestro.empezar(servicio, copia)
        for servicio in servicios:
            for copia in range(copias):
                nuestro.listo(servicio, copia)
        yield nuestro
    finally:
        for proceso in nuestro.procesos.values():
            proceso.terminate()
        for proceso in nuestro.procesos.values():
            proceso.wait(PARAR_S)


def uno(conexion: Any, consulta: str) -> Any:
    """Return the first column of the first row."""
    with conexion.cursor() as cursor:
        cursor.execute(consulta)
        return cursor.fetchone()[0]


def _esperar_listo(url: str) -> None:
    limite = time.monotonic() + LISTO_S
    while time.monotonic() < limite:
        try:
            if httpx.get(f"{url}/ready").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"{url} no está listo")


def _administrar(url: str, orden: str) -> None:
    conexion = psycopg2.connect(url)
    conexion.autocommit = True
    with conexion.cursor() as cursor:
        cursor.execute(orden)
    conexion.close()

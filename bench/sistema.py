"""Our own system for one measurement: a database and a namespace of its own, and the real processes."""

import os
import subprocess
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

from aeropartners.arranque.ajustes.variables import variables
from aeropartners.arranque.config import CLASES
from aeropartners.arranque.sistemas import SERVICIOS, SISTEMAS
from bench.arbol import ESTE, Arbol, sin_pythonpath

# The system that is measured, and its services that have loops; its door comes on top.
[CAMPANAS] = [s for s in SISTEMAS if s.nombre == "campanas"]
CON_BUCLES = tuple(s.nombre for s in CAMPANAS.servicios if s.piezas)
PRIMER_PUERTO, ENTRE_COPIAS, ENTRE_LUGARES = 18_000, 200, 1_000
PARAR_S, LISTO_S = 60, 60


@dataclass
class Sistema:
    """Where the system is, and its processes by name."""

    base: str
    espacio: str
    entorno: dict[str, str]
    arbol: Arbol = ESTE
    lugar: int = 0
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
        return f"http://127.0.0.1:{puerto(servicio, self.lugar, copia)}"

    def empezar(self, servicio: str, copia: int = 0) -> None:
        """Start a process; what it says goes to a file, which stays for who looks for a reason."""
        nombre = f"{servicio}-{copia + 1}" if copia else servicio
        entorno = {**self.entorno, "PORT": str(puerto(servicio, self.lugar, copia))}
        with (self.registros / f"{nombre}.log").open("wb") as registro:
            self.procesos[nombre] = subprocess.Popen(
                [*self.arbol.cli, "servir", servicio], env=entorno, stdout=registro, stderr=registro
            )

    def listo(self, servicio: str, copia: int = 0) -> None:
        """Wait until a service is ready."""
        _esperar_listo(self.url(servicio, copia))


def puerto(servicio: str, lugar: int = 0, copia: int = 0) -> int:
    """Return the port of a copy of a service; systems of other places have others."""
    return PRIMER_PUERTO + [*SERVICIOS].index(servicio) + lugar * ENTRE_LUGARES + copia * ENTRE_COPIAS


def puertos_y_vecinos(lugar: int) -> dict[str, str]:
    """Return the variables that put the services of all systems on their ports, and say where each is."""
    suyos = {s.variables[-1]: str(puerto(s.nombre, lugar)) for s in SERVICIOS.values()}
    direcciones = [v for clase in CLASES for _, v in variables(clase) if v.de]
    return suyos | {v.nombre: f"http://127.0.0.1:{puerto(v.de, lugar)}" for v in direcciones}


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
    servicios: Sequence[str] = CON_BUCLES,
    copias: int = 1,
    arbol: Arbol = ESTE,
    lugar: int = 0,
    **ajustes: str,
) -> Iterator[Sistema]:
    """Migrate a fresh database and start the services on it; `ajustes` are variables of the environment."""
    with (
        base_y_espacio() as (base, espacio),
        procesos(base, espacio, servicios, copias, arbol, lugar, **ajustes) as nuestro,
    ):
        yield nuestro


@contextmanager
def procesos(
    base: str,
    espacio: str,
    servicios: Sequence[str] = CON_BUCLES,
    copias: int = 1,
    arbol: Arbol = ESTE,
    lugar: int = 0,
    **ajustes: str,
) -> Iterator[Sistema]:
    """Start so many copies of each service, wait until they are ready, and stop them in the end."""
    entorno = {
        **sin_pythonpath(),
        "DATABASE_URL": base,
        "PULSAR_NAMESPACE": espacio,
        "GATEWAY_LATENCY_S": "0",
        "SAGA_STEP_TIMEOUT_S": "600",
        **puertos_y_vecinos(lugar),
        **ajustes,
    }
    subprocess.run([*arbol.cli, "migrar"], env=entorno, check=True, stdout=subprocess.DEVNULL)
    nuestro = Sistema(base, espacio, entorno, arbol, lugar)
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

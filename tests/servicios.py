"""The real PostgreSQL and Pulsar: where they are, once they answer, and who may kill them."""

import fcntl
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg2

from tests.puertos import puerto_libre

RAIZ = Path(__file__).resolve().parents[1]
VARIABLES = ("DATABASE_URL", "PULSAR_URL", "PULSAR_ADMIN_URL")
CERROJO = Path(os.environ.get("SERVICIOS_DIR") or RAIZ / ".servicios") / "pruebas.cerrojo"


def sin_servicios() -> dict[str, str]:
    """Return the environment of a process that is to run embedded, wherever the services are."""
    return {nombre: valor for nombre, valor in os.environ.items() if nombre not in VARIABLES}


def variable(nombre: str) -> str:
    """Return a variable of the real services, which answer by then.

    In `make test` one that is missing is a failure, never a skip.
    """
    _exigir(nombre in os.environ or os.environ.get("SERVICIOS_REALES") == "1")
    if os.environ.get("SERVICIOS_REALES") == "1":
        _arriba()
    return os.environ[nombre]


def _exigir(hay: bool) -> None:
    if not hay:
        import pytest  # not at the top: processes that a test kills begin faster without it

        pytest.skip("sin servicios reales: use `make test`")


@cache
def _arriba() -> None:
    """Wait for those that `make test` starts beside the tests."""
    servicio("arriba")


def servicio(verbo: str, *nombres: str, **variables: str) -> None:
    """Start, stop or kill PostgreSQL or Pulsar; without a name both. Variables make it another one."""
    orden = [sys.executable, "infra/servicios", verbo, *nombres]
    subprocess.run(orden, cwd=RAIZ, env={**os.environ, **variables}, check=True, timeout=300)


_tomados: list[bool] = []


@contextmanager
def reservados(*, solo: bool) -> Iterator[None]:
    """Use the services beside others who use them; or alone, and kill them: workers wait for each other."""
    if _tomados:
        assert _tomados[0] or not solo, "un hilo que ya los comparte se esperaría a sí mismo"
        yield
        return
    CERROJO.parent.mkdir(parents=True, exist_ok=True)
    with CERROJO.open("w") as archivo:
        fcntl.flock(archivo, fcntl.LOCK_EX if solo else fcntl.LOCK_SH)
        _tomados.append(solo)
        try:
            yield
        finally:
            _tomados.clear()


@contextmanager
def servicio_propio(
    nombre: str, carpeta: Path, ajustes: Mapping[str, object], **variables: str
) -> Iterator[None]:
    """One more of our native services, in a folder of its own, with settings besides those of the project."""
    _exigir(os.environ.get("SERVICIOS_REALES") == "1")
    archivo = carpeta / f"{nombre}.ajustes"
    archivo.write_text("".join(f"{clave}={valor}\n" for clave, valor in ajustes.items()))
    propias = {
        "SERVICIOS_DIR": str(carpeta / "servicios"),
        f"SERVICIOS_AJUSTES_{nombre.upper()}": str(archivo),
        **variables,
    }
    try:
        servicio("arriba", nombre, **propias)
        yield
    finally:
        servicio("borrar", nombre, **propias)


@contextmanager
def postgres_propio(carpeta: Path) -> Iterator[str]:
    """A PostgreSQL that nobody else has a transaction in; the URL of its first database."""
    puerto = str(puerto_libre())
    with servicio_propio("postgres", carpeta, {"shared_buffers": "32MB"}, SERVICIOS_PUERTO_POSTGRES=puerto):
        clave = (carpeta / "servicios" / "postgres.clave").read_text()
        yield f"postgresql://aeropartners:{clave}@127.0.0.1:{puerto}/aeropartners"


@contextmanager
def base_propia(prefijo: str, molde: str = "", origen: str = "") -> Iterator[str]:
    """A database, empty or a copy of the one of this name, of the shared PostgreSQL or another; its URL."""
    origen, nombre = origen or variable("DATABASE_URL"), f"{prefijo}_{uuid.uuid4().hex[:12]}"
    with reservados(solo=False):
        _administrar(origen, f"CREATE DATABASE {nombre}" + (f" TEMPLATE {molde}" if molde else ""))
        try:
            yield origen.rsplit("/", 1)[0] + f"/{nombre}"
        finally:
            _administrar(origen, f"DROP DATABASE {nombre} WITH (FORCE)")


def _administrar(url: str, orden: str) -> None:
    conexion = psycopg2.connect(url)
    conexion.autocommit = True
    with conexion.cursor() as cursor:
        cursor.execute(orden)
    conexion.close()

"""One run of a peer's program: a fresh database, the program in its environment, and its last line."""

import json
import os
import signal
import subprocess
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from bench.pares import entornos
from bench.pares.filas import SinCifra

RAIZ = Path(__file__).resolve().parents[2]
PLAZO = 1800.0
CLAVES = {"par", "version", "variante", "rechazadas", "sagas", "segundos", "sagas_por_s", "ajustes"}


def correr_programa(par: tuple[str, str], url_admin: str, sagas: int, rechazadas: bool) -> dict[str, Any]:
    """Run a variant of a peer and return the object that its program printed last."""
    nombre, variante = par
    entornos.disponible(nombre)
    base = f"par_{nombre}_{uuid.uuid4().hex[:12]}"
    _administrar(url_admin, f'CREATE DATABASE "{base}"')
    try:
        return leer(ejecutar(orden(nombre, variante, con_base(url_admin, base), sagas, rechazadas)))
    finally:
        _borrar(url_admin, base)


def ejecutar(linea: list[str]) -> str:
    """Run a program to its end and return its output; whatever it started ends with it."""
    entorno = {**os.environ, "PYTHONPATH": str(RAIZ)}
    tuberias = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
    with subprocess.Popen(
        linea, cwd=RAIZ, env=entorno, text=True, start_new_session=True, **tuberias
    ) as proceso:
        try:
            salida, errores = proceso.communicate(timeout=PLAZO)
        except subprocess.TimeoutExpired as error:
            raise SinCifra(f"Sin cifra: {' '.join(linea)} no terminó en {PLAZO:.0f} s") from error
        finally:
            with suppress(ProcessLookupError):
                os.killpg(proceso.pid, signal.SIGKILL)
    if proceso.returncode != 0:
        raise SinCifra(f"{' '.join(linea)} terminó con {proceso.returncode}\n{errores[-3000:]}".rstrip())
    return salida


def orden(nombre: str, variante: str, url: str, sagas: int, rechazadas: bool) -> list[str]:
    """Return the command line of a peer's program."""
    programa = [str(entornos.python(nombre)), "-m", f"bench.pares.{nombre}_", "--url", url]
    return [*programa, "--sagas", str(sagas), "--variante", variante, *["--rechazadas"] * rechazadas]


def con_base(url: str, base: str) -> str:
    """Return the address of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{base}"))


def leer(salida: str) -> dict[str, Any]:
    """Return the JSON object of the last line: libraries may print what they like before it."""
    lineas = salida.strip().splitlines()
    try:
        medida = json.loads(lineas[-1])
    except (IndexError, ValueError) as error:
        raise SinCifra("El programa no terminó con un objeto JSON") from error
    if not isinstance(medida, dict) or set(medida) != CLAVES:
        raise SinCifra(f"La última línea no es la medida de un par: {lineas[-1]}")
    return medida


def _borrar(url: str, base: str) -> None:
    """Drop the database of a run, and those that its program made beside it and left."""
    for (nombre,) in _administrar(
        url, f"SELECT datname FROM pg_database WHERE starts_with(datname, '{base}')"
    ):
        _administrar(url, f'DROP DATABASE IF EXISTS "{nombre}" WITH (FORCE)')


def _administrar(url: str, consulta: str) -> list[tuple[Any, ...]]:
    conexion = psycopg2.connect(url)
    conexion.autocommit = True
    with conexion.cursor() as cursor:
        cursor.execute(consulta)
        hallado = cursor.fetchall() if cursor.description else []
    conexion.close()
    return hallado

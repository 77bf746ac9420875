"""How fast this machine is: a fixed piece of Python, of SQL and of broker work, in microseconds each.

With them the pages of two machines can be read together. Each is the median of several rounds.
"""

import hashlib
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from statistics import median

import httpx
import psycopg2

from bench.carga import cliente_pulsar, datos
from bench.sistema import base_y_espacio

RONDAS = 7
DOCUMENTO = datos(1, "ref-1")


def rapidez(con_broker: bool) -> dict[str, float]:
    """Return the µs of each; without the broker's when nobody has warmed it up: it would be of its start."""
    medidas = {"python": _por_vez(_python, 2_000)}
    with _insertar() as insertar:
        medidas["sql"] = _por_vez(insertar, 100)
    if con_broker:
        with _enviar() as enviar:
            medidas["broker"] = _por_vez(enviar, 100)
    return medidas


def _por_vez(trabajo: Callable[[], object], veces: int) -> float:
    """Do it so many times a round, and return the µs of one time in the median round."""
    rondas = []
    for _ in range(RONDAS):
        antes = time.perf_counter()
        for _ in range(veces):
            trabajo()
        rondas.append((time.perf_counter() - antes) / veces * 1e6)
    return round(median(rondas), 1)


def _python() -> object:
    """Encode a document, hash it, and decode it."""
    texto = json.dumps(DOCUMENTO, sort_keys=True)
    return hashlib.sha256(texto.encode()).hexdigest(), json.loads(texto)


@contextmanager
def _insertar() -> Iterator[Callable[[], object]]:
    """Insert one row with a commit of its own, in a database that is dropped afterwards."""
    with base_y_espacio() as (base, _), closing(psycopg2.connect(base)) as conexion:
        conexion.autocommit = True
        with conexion.cursor() as cursor:
            cursor.execute("CREATE TABLE trabajo (id serial PRIMARY KEY, documento text)")
            texto = json.dumps(DOCUMENTO)
            yield lambda: cursor.execute("INSERT INTO trabajo (documento) VALUES (%s)", (texto,))


@contextmanager
def _enviar() -> Iterator[Callable[[], object]]:
    """Send one message and wait until it is stored, on a topic that is removed afterwards."""
    tema = f"public/default/rapidez-{uuid.uuid4().hex[:12]}"
    url = f"{os.environ['PULSAR_ADMIN_URL']}/admin/v2/persistent/{tema}"
    httpx.put(url).raise_for_status()
    conexion = cliente_pulsar()
    try:
        productor = conexion.create_producer(f"persistent://{tema}", batching_enabled=False)
        cuerpo = json.dumps(DOCUMENTO).encode()
        yield lambda: productor.send(cuerpo)
    finally:
        conexion.close()
        httpx.delete(url, params={"force": True}).raise_for_status()

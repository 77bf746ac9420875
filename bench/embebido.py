"""The embedded system: one process over SQLite, as `make run` starts it, with sagas started over HTTP."""

import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.banco import Banco, Resultado
from bench.cliente_http import por_http
from bench.comprobacion import COMPLETAS, Avance, SinCifra, esperar_hecho
from bench.corridas import CALENTAR_HTTP, callado, percentiles, ritmo
from bench.medidas import MIB
from bench.sistema import CLI, PARAR_S, PUERTOS

_TERMINADAS = "SELECT count(*) FROM sagas WHERE fecha_fin IS NOT NULL"
_ULTIMA = "SELECT max(fecha_fin) FROM sagas"
_DEMOSTRADO, REGISTRO = "todas terminaron como se esperaba", "demo.log"
PUERTOS_PARTNERS = {
    "PUERTO_BFF_PARTNERS": 15000,
    "PUERTO_INTEGRACIONES": 15001,
    "PUERTO_ALIANZAS": 15002,
    "PUERTO_ORQUESTADOR_PARTNERS": 15003,
}
MIRAR_S = 0.5


def medir(b: Banco, sagas: int, plazo: float) -> Resultado:
    """Start the demonstration, whose own sagas end first, and then start sagas at its BFF."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as carpeta,
        b.tarea("embebido", sagas) as avance,
        _proceso(Path(carpeta)) as proceso,
    ):
        registro = Path(carpeta) / REGISTRO
        esperar_hecho(lambda: _DEMOSTRADO in registro.read_text(), "la demostración termina", plazo)
        return _correr(Path(carpeta) / "aeropartners.db", proceso, sagas, plazo, avance)


def _correr(base: Path, proceso: psutil.Process, sagas: int, plazo: float, avance: Avance) -> Resultado:
    bff = f"http://127.0.0.1:{PUERTOS['bff']}"
    previas = int(str(_uno(base, _TERMINADAS))) + CALENTAR_HTTP
    por_http(bff, CALENTAR_HTTP)
    _esperar(base, previas, plazo, callado)
    antes = _efectos(base)
    cpu, memoria = _uso(proceso)
    comienzo = time.time()
    tiempos = por_http(bff, sagas)
    aceptadas = time.time() - comienzo
    _esperar(base, previas + sagas, plazo, avance)
    fin = datetime.fromisoformat(str(_uno(base, _ULTIMA))).astimezone(UTC).timestamp()
    cpu_despues, memoria_despues = _uso(proceso)
    for consulta, hallados in _efectos(base).items():
        if (nuevos := hallados - antes[consulta]) != sagas * COMPLETAS[consulta]:
            raise SinCifra(f"{consulta} da {nuevos} más, no {sagas * COMPLETAS[consulta]}")
    return {
        **ritmo(sagas, fin - comienzo),
        "aceptadas_por_s": round(sagas / aceptadas, 1),
        "respuesta_ms": percentiles(tiempos),
        "cpu_us_total": round((cpu_despues - cpu) / sagas * 1e6),
        "memoria_mib": {"embebido": [memoria, memoria_despues]},
    }


@contextmanager
def _proceso(carpeta: Path) -> Iterator[psutil.Process]:
    """Start it on ports and data of its own; without the addresses of servers it is embedded."""
    entorno = {n: v for n, v in os.environ.items() if n not in ("DATABASE_URL", "PULSAR_URL", "BROKER_URL")}
    entorno |= {
        "AEROPARTNERS_DATOS": str(carpeta),
        "GATEWAY_LATENCY_S": "0",
        "SAGA_STEP_TIMEOUT_S": "600",
        "PUERTO_PRINCIPAL": str(PUERTOS["modulos"]),
        "PUERTO_BFF": str(PUERTOS["bff"]),
        "PUERTO_ORQUESTADOR": str(PUERTOS["orquestador"]),
        "CAMPAIGNS_URL": f"http://127.0.0.1:{PUERTOS['modulos']}",
        **{variable: str(puerto) for variable, puerto in PUERTOS_PARTNERS.items()},
    }
    with (carpeta / REGISTRO).open("wb") as registro:
        proceso = subprocess.Popen([*CLI, "demo"], env=entorno, stdout=registro, stderr=registro)
    try:
        yield psutil.Process(proceso.pid)
    finally:
        proceso.terminate()
        proceso.wait(PARAR_S)


def _esperar(base: Path, sagas: int, plazo: float, avance: Avance) -> None:
    """Look seldom, and as a reader, who is in nobody's way."""
    limite = time.monotonic() + plazo
    while (hechas := int(str(_uno(base, _TERMINADAS)))) < sagas:
        avance(hechas)
        if time.monotonic() > limite:
            raise SinCifra(f"{hechas} de {sagas} sagas en {plazo:g} s")
        time.sleep(MIRAR_S)


def _efectos(base: Path) -> Mapping[str, int]:
    return {consulta: int(str(_uno(base, consulta))) for consulta in COMPLETAS}


def _uno(base: Path, consulta: str) -> object:
    with closing(sqlite3.connect(f"file:{base}?mode=ro", uri=True, timeout=30)) as conexion:
        return conexion.execute(consulta).fetchone()[0]


def _uso(proceso: psutil.Process) -> tuple[float, float]:
    """Return the CPU seconds so far, and the resident MiB."""
    return sum(proceso.cpu_times()[:2]), round(proceso.memory_info().rss / MIB, 1)

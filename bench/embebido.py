"""The embedded system: one process over SQLite, as `make run` starts it, with sagas started over HTTP."""

import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.arbol import ESTE, Arbol, sin_pythonpath
from bench.bloc import Bloc, Resultado
from bench.cliente_http import por_http
from bench.comprobacion import COMPLETAS, Avance, SinCifra, esperar_hecho
from bench.corridas import CALENTAR_HTTP, callado, percentiles, ritmo
from bench.medidas import MIB, cpu_de
from bench.sistema import CAMPANAS, PARAR_S, puerto, puertos_y_vecinos

_TERMINADAS = "SELECT count(*) FROM sagas WHERE fecha_fin IS NOT NULL"
_ULTIMA = "SELECT max(fecha_fin) FROM sagas"
_DEMOSTRADO, REGISTRO = "todas terminaron como se esperaba", "demo.log"
MIRAR_S = 0.5


def medir(b: Bloc, sagas: int, plazo: float) -> Resultado:
    """Measure one turn of it."""
    with b.tarea("embebido", sagas) as avance, turnos(plazo) as suyos:
        antes = suyos.memoria()
        hecha = suyos.tanda(sagas, avance)
        return {
            **hecha,
            **suyos.contar(),
            "cpu_us_total": hecha["cpu_us"]["embebido"],
            "memoria_mib": {"embebido": [antes, suyos.memoria()]},
        }


@contextmanager
def turnos(plazo: float, arbol: Arbol = ESTE, lugar: int = 0) -> Iterator["Turnos"]:
    """Start the demonstration, whose own sagas end first, and warm it up."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as carpeta,
        _proceso(Path(carpeta), arbol, lugar) as proceso,
    ):
        registro = Path(carpeta) / REGISTRO
        esperar_hecho(lambda: _DEMOSTRADO in registro.read_text(), "la demostración termina", plazo)
        url = f"http://127.0.0.1:{puerto(CAMPANAS.puerta, lugar)}"
        yield Turnos(Path(carpeta) / "aeropartners.db", proceso, url, plazo)


class Turnos:
    """Starts sagas at the BFF of one process, turn by turn; without each effect once there is no figure."""

    def __init__(self, base: Path, proceso: psutil.Process, bff: str, plazo: float) -> None:
        self._base, self._proceso, self._bff, self._plazo = base, proceso, bff, plazo
        self._terminadas = int(str(_uno(base, _TERMINADAS)))
        self._correr(CALENTAR_HTTP, callado)
        self._antes, self._escrito, self._sagas = _efectos(base), _escrito(base), 0

    def tanda(self, sagas: int, avance: Avance) -> Resultado:
        """Start so many, wait for their end, and return what they took."""
        cpu = cpu_de(self._proceso.pid)
        hecha = self._correr(sagas, avance)
        self._sagas += sagas
        return {**hecha, "cpu_us": {"embebido": round((cpu_de(self._proceso.pid) - cpu) / sagas * 1e6)}}

    def contar(self) -> Resultado:
        """Return the rows and messages of a saga, over all turns."""
        for consulta, hallados in _efectos(self._base).items():
            if (nuevos := hallados - self._antes[consulta]) != self._sagas * COMPLETAS[consulta]:
                raise SinCifra(f"{consulta} da {nuevos} más, no {self._sagas * COMPLETAS[consulta]}")
        ahora = _escrito(self._base)
        return {que: round((ahora[que] - antes) / self._sagas, 2) for que, antes in self._escrito.items()}

    def memoria(self) -> float:
        """Return the resident MiB."""
        return round(self._proceso.memory_info().rss / MIB, 1)

    def _correr(self, sagas: int, avance: Avance) -> Resultado:
        comienzo = time.time()
        tiempos = por_http(self._bff, sagas)
        aceptadas = time.time() - comienzo
        self._terminadas += sagas
        _esperar(self._base, self._terminadas, self._plazo, avance)
        fin = datetime.fromisoformat(str(_uno(self._base, _ULTIMA))).astimezone(UTC).timestamp()
        return {
            **ritmo(sagas, comienzo, fin),
            "aceptadas_por_s": round(sagas / aceptadas, 1),
            "respuesta_ms": percentiles(tiempos),
        }


@contextmanager
def _proceso(carpeta: Path, arbol: Arbol, lugar: int) -> Iterator[psutil.Process]:
    """Start it on ports and data of its own; without the addresses of servers it is embedded."""
    de_servidores = ("DATABASE_URL", "PULSAR_URL", "BROKER_URL")
    entorno = {n: v for n, v in sin_pythonpath().items() if n not in de_servidores}
    entorno |= {
        "AEROPARTNERS_DATOS": str(carpeta),
        "GATEWAY_LATENCY_S": "0",
        "SAGA_STEP_TIMEOUT_S": "600",
        **puertos_y_vecinos(lugar),
    }
    with (carpeta / REGISTRO).open("wb") as registro:
        proceso = subprocess.Popen([*arbol.cli, "demo"], env=entorno, stdout=registro, stderr=registro)
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


def _escrito(base: Path) -> dict[str, int]:
    """Return the rows that are there, of all tables, and how many messages the broker's file ever took."""
    consulta = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    with closing(sqlite3.connect(f"file:{base}?mode=ro", uri=True, timeout=30)) as conexion:
        tablas = [tabla for (tabla,) in conexion.execute(consulta)]
        filas = sum(conexion.execute(f"SELECT count(*) FROM {tabla}").fetchone()[0] for tabla in tablas)
    mensajes = _uno(base.with_name("broker.db"), "SELECT seq FROM sqlite_sequence WHERE name = 'mensajes'")
    return {"filas": filas, "mensajes": int(str(mensajes))}


def _uno(base: Path, consulta: str) -> object:
    with closing(sqlite3.connect(f"file:{base}?mode=ro", uri=True, timeout=30)) as conexion:
        return conexion.execute(consulta).fetchone()[0]

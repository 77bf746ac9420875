"""What a run costs: CPU and memory by process, WAL, commits and rows, read before and after it."""

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

from bench.sistema import uno

MIB = 1024 * 1024
# A busy session of PostgreSQL says what it did once a second, and one that fell idle ten seconds later.
TARDAN_S, CALLADAS_S = 1.5, 10
_FILAS = (
    "SELECT COALESCE(sum(n_tup_ins), 0), COALESCE(sum(n_tup_upd), 0),"
    " COALESCE(sum(n_tup_ins) FILTER (WHERE relname = 'salida'), 0),"
    " COALESCE(sum(n_tup_ins) FILTER (WHERE relname ~ '^entrada'), 0) FROM pg_stat_user_tables"
)
# A transaction's begin and end are no statements of it; commits are counted on their own.
_SENTENCIAS = (
    "SELECT COALESCE(sum(calls), 0) FROM pg_stat_statements WHERE query !~* '^(begin|commit|rollback)'"
    " AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@dataclass
class Coste:
    """What happened between two looks; CPU in seconds by name, memory in MiB by name at both ends."""

    segundos: float = 0
    cpu: dict[str, float] = field(default_factory=dict)
    memoria: dict[str, tuple[float, float]] = field(default_factory=dict)
    wal_bytes: int = 0
    commits: int = 0
    filas: int = 0
    cambios: int = 0
    rafagas: int = 0
    entradas: int = 0
    mensajes: int | None = None
    sentencias: int | None = None

    def por_saga(self, sagas: int) -> dict[str, Any]:
        """Return the figures of one saga; CPU in microseconds; memory in MiB, at the start and at the end.

        `por_lote` is how many messages (inbox rows) came to each transaction that sent something.
        """
        return {
            **{
                nombre: round(veces / sagas, 2)
                for nombre, veces in (("mensajes", self.mensajes), ("sentencias", self.sentencias))
                if veces is not None
            },
            "memoria_mib": self.memoria,
            "cpu_us": {nombre: round(s / sagas * 1e6) for nombre, s in self.cpu.items()},
            "cpu_us_total": round(sum(self.cpu.values()) / sagas * 1e6),
            "wal_bytes": self.wal_bytes // sagas,
            "filas": round(self.filas / sagas, 1),
            "cambios": round(self.cambios / sagas, 1),
            "rafagas": round(self.rafagas / sagas, 3),
            "commits": round(self.commits / sagas, 3),
            "por_lote": round(self.entradas / max(self.rafagas, 1), 1),
        }


class Medidor:
    """Looks at the processes (by name and pid) and at the servers that the environment points at.

    With a namespace it counts the messages of its topics too. Before each look it waits until what was done
    is in the statistics: a second, and `calma_s` more, for which nobody may start anything.
    """

    def __init__(
        self, conexion: Any, pids: Mapping[str, int], espacio: str | None = None, calma_s: float = 0
    ) -> None:
        self._conexion = conexion
        self._espacio = espacio
        self._pids = {**pids, "carga": os.getpid()}
        self._calma_s = calma_s
        self._con_sentencias = _cuenta_sentencias(conexion)
        time.sleep(TARDAN_S + calma_s)
        self._antes = {**self._procesos(), **self._contado()}

    def cpu(self, base: str) -> dict[str, float]:
        """Return the CPU seconds so far by name, of our processes and of PostgreSQL's for this database.

        Others may use the servers at the same time; what the broker does for whom nobody can tell.
        """
        gastado: dict[str, float] = {}
        for nombre, pid in self._todos():
            with suppress(OSError, psutil.NoSuchProcess):
                if nombre == "pulsar" or (nombre == "postgresql" and not _atiende(pid, base)):
                    continue
                gastado[nombre] = gastado.get(nombre, 0.0) + cpu_de(pid)
        return gastado

    def coste(self) -> Coste:
        """Return what happened since this was made; the wait for the counts is not in the CPU."""
        time.sleep(TARDAN_S)
        antes, ahora = self._antes, self._procesos()
        time.sleep(self._calma_s)
        ahora |= self._contado()
        return Coste(
            segundos=ahora["hora"] - antes["hora"],
            cpu={n: round(s - antes["cpu"].get(n, 0), 2) for n, s in ahora["cpu"].items()},
            memoria={n: (antes["memoria"].get(n, 0), m) for n, m in ahora["memoria"].items()},
            wal_bytes=ahora["wal"] - antes["wal"],
            commits=ahora["commits"] - antes["commits"],
            filas=ahora["filas"][0] - antes["filas"][0],
            cambios=ahora["filas"][1] - antes["filas"][1],
            rafagas=ahora["filas"][2] - antes["filas"][2],
            entradas=ahora["filas"][3] - antes["filas"][3],
            mensajes=ahora["mensajes"] - antes["mensajes"] if self._espacio else None,
            sentencias=ahora["sentencias"] - antes["sentencias"] if self._con_sentencias else None,
        )

    def _procesos(self) -> dict[str, Any]:
        cpu: dict[str, float] = {}
        memoria: dict[str, float] = {}
        for nombre, pid in self._todos():
            with suppress(psutil.NoSuchProcess):
                proceso = psutil.Process(pid)
                tiempos = proceso.cpu_times()
                # Children of PostgreSQL that ended are their parent's.
                cpu[nombre] = cpu.get(nombre, 0.0) + sum(tiempos[: 4 if nombre == "postgresql" else 2])
                info = proceso.memory_info()
                # What the processes of PostgreSQL share is in each of them: it would be counted many times.
                propia = info.rss - (info.shared if nombre == "postgresql" else 0)
                memoria[nombre] = memoria.get(nombre, 0.0) + propia / MIB
        return {
            "hora": time.monotonic(),
            "cpu": cpu,
            "memoria": {n: round(m, 1) for n, m in memoria.items()},
        }

    def _contado(self) -> dict[str, Any]:
        with self._conexion.cursor() as cursor:
            cursor.execute(_FILAS)
            filas = [int(n) for n in cursor.fetchone()]
        return {
            "wal": int(uno(self._conexion, "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")),
            "commits": int(
                uno(
                    self._conexion,
                    "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()",
                )
            ),
            "filas": filas,
            "mensajes": _mensajes(self._espacio) if self._espacio else 0,
            "sentencias": int(uno(self._conexion, _SENTENCIAS)) if self._con_sentencias else 0,
        }

    def _todos(self) -> list[tuple[str, int]]:
        todos = list(self._pids.items())
        for nombre, variable in (("postgresql", "DATABASE_URL"), ("pulsar", "PULSAR_URL")):
            for proceso in escuchan(urlsplit(os.environ[variable]).port):
                todos += [(nombre, proceso.pid), *((nombre, hijo.pid) for hijo in proceso.children())]
        return todos


def _atiende(pid: int, base: str) -> bool:
    """Whether a process of PostgreSQL serves this database: its title says so."""
    return f" {base} " in " ".join(psutil.Process(pid).cmdline())


def cpu_de(pid: int) -> float:
    """Return the CPU seconds of a process, exactly; raises OSError when it is gone. Linux counts it so."""
    return time.clock_gettime((~pid << 3) | 2)  # clock_getcpuclockid(3)


def escuchan(puerto: int | None) -> list[psutil.Process]:
    """Return the processes of this machine that listen on a port."""
    return [
        psutil.Process(c.pid)
        for c in psutil.net_connections("tcp")
        if c.status == psutil.CONN_LISTEN and c.laddr.port == puerto and c.pid
    ]


def _cuenta_sentencias(conexion: Any) -> bool:
    """Whether the server counts statements: it does when it was started with pg_stat_statements."""
    if "pg_stat_statements" not in uno(conexion, "SHOW shared_preload_libraries"):
        return False
    with conexion.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    return True


def _mensajes(espacio: str) -> int:
    """Count the messages that the topics of a namespace ever took; a packet of commands is one."""
    admin = f"{os.environ['PULSAR_ADMIN_URL']}/admin/v2/persistent/public/{espacio}"
    with httpx.Client(timeout=20) as cliente:
        temas = [nombre.rsplit("/", 1)[1] for nombre in cliente.get(admin).raise_for_status().json()]
        estados = (cliente.get(f"{admin}/{tema}/stats").raise_for_status().json() for tema in temas)
        return sum(int(estado["msgInCounter"]) for estado in estados)

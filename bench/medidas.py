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
_FILAS = (
    "SELECT COALESCE(sum(n_tup_ins), 0), COALESCE(sum(n_tup_upd), 0),"
    " COALESCE(sum(n_tup_ins) FILTER (WHERE relname = 'salida'), 0),"
    " COALESCE(sum(n_tup_ins) FILTER (WHERE relname ~ '^entrada'), 0) FROM pg_stat_user_tables"
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

    def por_saga(self, sagas: int) -> dict[str, Any]:
        """Return the figures of one saga; CPU in microseconds; memory in MiB, at the start and at the end.

        `por_lote` is how many messages (inbox rows) came to each transaction that sent something.
        """
        return {
            **({"mensajes": round(self.mensajes / sagas, 2)} if self.mensajes is not None else {}),
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

    With a namespace it counts the messages of its topics too.
    """

    def __init__(self, conexion: Any, pids: Mapping[str, int], espacio: str | None = None) -> None:
        self._conexion = conexion
        self._espacio = espacio
        self._pids = {**pids, "carga": os.getpid()}
        self._antes = self._mirar()

    def coste(self) -> Coste:
        """Return what happened since this was made. The servers' statistics come a second late."""
        time.sleep(1.5)
        antes, ahora = self._antes, self._mirar()
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
        )

    def _mirar(self) -> dict[str, Any]:
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
        with self._conexion.cursor() as cursor:
            cursor.execute(_FILAS)
            filas = [int(n) for n in cursor.fetchone()]
        return {
            "hora": time.monotonic(),
            "cpu": cpu,
            "memoria": {n: round(m, 1) for n, m in memoria.items()},
            "wal": int(uno(self._conexion, "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")),
            "commits": int(
                uno(
                    self._conexion,
                    "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()",
                )
            ),
            "filas": filas,
            "mensajes": _mensajes(self._espacio) if self._espacio else 0,
        }

    def _todos(self) -> list[tuple[str, int]]:
        todos = list(self._pids.items())
        for nombre, variable in (("postgresql", "DATABASE_URL"), ("pulsar", "PULSAR_URL")):
            for proceso in escuchan(urlsplit(os.environ[variable]).port):
                todos += [(nombre, proceso.pid), *((nombre, hijo.pid) for hijo in proceso.children())]
        return todos


def escuchan(puerto: int | None) -> list[psutil.Process]:
    """Return the processes of this machine that listen on a port."""
    return [
        psutil.Process(c.pid)
        for c in psutil.net_connections("tcp")
        if c.status == psutil.CONN_LISTEN and c.laddr.port == puerto and c.pid
    ]


def _mensajes(espacio: str) -> int:
    """Count the messages that the topics of a namespace ever took; a packet of commands is one."""
    admin = f"{os.environ['PULSAR_ADMIN_URL']}/admin/v2/persistent/public/{espacio}"
    with httpx.Client(timeout=20) as cliente:
        temas = [nombre.rsplit("/", 1)[1] for nombre in cliente.get(admin).raise_for_status().json()]
        estados = (cliente.get(f"{admin}/{tema}/stats").raise_for_status().json() for tema in temas)
        return sum(int(estado["msgInCounter"]) for estado in estados)

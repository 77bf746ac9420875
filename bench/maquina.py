"""What a run was made on: the machine, and the settings read back from the servers."""

import os
import platform
import re
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg2

from bench.medidas import escuchan
from bench.sistema import uno

DEL_BROKER = (
    "journalSyncData",
    "journalFlushWhenQueueEmpty",
    "managedLedgerNewEntriesCheckDelayInMillis",
    "acknowledgmentAtBatchIndexLevelEnabled",
)


def maquina() -> dict[str, Any]:
    """Return the machine, the versions, and the settings that the servers say they run with."""
    conexion = psycopg2.connect(os.environ["DATABASE_URL"])
    ajustes = {
        nombre: uno(conexion, f"SHOW {nombre}")
        for nombre in ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
    }
    conexion.close()
    return {
        "fecha": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cpu": os.cpu_count(),
        "memoria_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "orden": " ".join(["python -m bench", *sys.argv[1:]]),
        "postgresql": ajustes,
        "pulsar": _ajustes_de_pulsar(),
    }


def _ajustes_de_pulsar() -> dict[str, str]:
    """Read the file that the broker was started with; one on another machine tells nothing."""
    for proceso in escuchan(urlsplit(os.environ["PULSAR_URL"]).port):
        orden = proceso.cmdline()
        if {"-c", "--config"}.intersection(orden):
            lugar = next(i for i, parte in enumerate(orden) if parte in ("-c", "--config"))
            texto = Path(orden[lugar + 1]).read_text()
            hallados = {c: re.findall(rf"(?m)^{c}=(.*)$", texto) for c in DEL_BROKER}
            return {c: valores[-1].strip() for c, valores in hallados.items() if valores}
    return {}

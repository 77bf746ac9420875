"""`make bench`: what the system does at most, beside the floor of its own rows and messages, and its peers.

Each measurement has a database and a namespace of its own; a run whose effects are not all there, once,
has no figure. What is compared alternates (A B A B), and the median counts.
"""

import os
import platform
import signal
import sys
import time
from typing import Any

import psutil
import psycopg2
from rich.console import Console
from rich.progress import Progress

from bench import informe, opciones
from bench.banco import Banco
from bench.comprobacion import SinCifra
from bench.mediciones import MEDICIONES
from bench.sistema import uno

ANCHO = 140


def principal() -> int:
    """Run, print the tables, write the page if it was asked for; 1 when something has no figure."""
    # Stopped by a signal it leaves no process and no database behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pedido = opciones.leer(__doc__, MEDICIONES)
    consola = Console(width=None if sys.stdout.isatty() else ANCHO)
    with Progress(console=consola) as progreso:
        banco = Banco(pedido, progreso)
        banco.anotar("maquina", _maquina())
        for nombre in pedido.solo or MEDICIONES:
            try:
                MEDICIONES[nombre](banco)
            except SinCifra as error:
                banco.anotar(nombre, {"sin_cifra": str(error)})
                banco.decir(f"{nombre}: sin cifra: {error}")
    informe.mostrar(banco.resultados, consola)
    if pedido.informe:
        informe.escribir(banco.resultados, pedido.informe)
    return 1 if any("sin_cifra" in r for r in banco.resultados) else 0


def _maquina() -> dict[str, Any]:
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
        "pulsar": {"journalSyncData": "true"},
    }


if __name__ == "__main__":
    sys.exit(principal())

"""`make bench`: what the system does at most, beside the floor of its own rows and messages, and its peers.

Each measurement has a database and a namespace of its own; a run whose effects are not all there, once,
has no figure. What is compared alternates (A B A B), and the median counts.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg2
from rich.console import Console
from rich.progress import Progress, TaskID

from bench import corridas, informe, suelo
from bench.pares import PARES, correr
from bench.pares.entornos import Omitido
from bench.sistema import sistema, uno

Resultado = dict[str, Any]
REGISTRO = Path(".bench/resultados.jsonl")


class Banco:
    """Runs the measurements that were asked for, shows how far each is, and writes every result down."""

    def __init__(self, opciones: argparse.Namespace, progreso: Progress) -> None:
        self._o = opciones
        self._progreso = progreso
        self.resultados: list[Resultado] = []

    def todo(self) -> None:
        """Run what was asked for."""
        medidas: dict[str, Callable[[], None]] = {
            "maximo": self._maximo_y_suelo,
            "rechazadas": self._rechazadas,
            "http": self._http,
            "ritmo": self._ritmos,
            "pares": self._pares,
        }
        for nombre in self._o.solo or medidas:
            medidas[nombre]()

    def _maximo_y_suelo(self) -> None:
        for vez in range(self._o.veces):
            with self._tarea(f"máximo {vez + 1}", self._o.sagas) as avance, sistema() as s:
                self.anotar("maximo", corridas.maximo(s, self._o.sagas, self._o.plazo, avance))
                cuantas = self._o.sagas // 2
                self.anotar("suelo", suelo.medir(s, cuantas, self._o.plazo))

    def _rechazadas(self) -> None:
        with self._tarea("rechazadas", self._o.sagas) as avance, sistema() as s:
            hecha = corridas.maximo(s, self._o.sagas, self._o.plazo, avance, rechazadas=True)
            self.anotar("rechazadas", hecha)

    def _http(self) -> None:
        servicios = ("orquestador", "modulos", "bff")
        with self._tarea("HTTP", self._o.sagas // 2) as avance, sistema(servicios) as s:
            self.anotar("http", corridas.http(s, self._o.sagas // 2, self._o.plazo, avance))

    def _ritmos(self) -> None:
        maximos = [r["sagas_por_s"] for r in self.resultados if r["medida"] == "maximo"]
        ritmos = [10.0, *([round(0.7 * informe.mediana(maximos), 1)] if maximos else [])]
        for por_s in ritmos:
            total = int(por_s * self._o.segundos)
            with self._tarea(f"{por_s:g}/s", total) as avance, sistema() as s:
                hecha = corridas.a_ritmo(s, por_s, self._o.segundos, self._o.plazo, avance)
                self.anotar("ritmo", hecha)

    def _pares(self) -> None:
        for rechazadas in (False, True):
            for par in PARES:
                try:
                    with self._tarea(" ".join(par), 1):
                        hecha = correr(par, os.environ["DATABASE_URL"], self._o.sagas_par, rechazadas)
                except Omitido as error:
                    self._progreso.console.print(f"{' '.join(par)}: {error}")
                else:
                    self.anotar("par", hecha)

    def anotar(self, medida: str, hecha: Resultado) -> None:
        """Keep a result, and write it down."""
        resultado = {"medida": medida, **hecha}
        self.resultados.append(resultado)
        with REGISTRO.open("a") as registro:
            print(json.dumps(resultado, ensure_ascii=False), file=registro)

    def _tarea(self, nombre: str, total: int) -> "Tarea":
        return Tarea(self._progreso, nombre, total)


class Tarea:
    """One line of the progress display."""

    def __init__(self, progreso: Progress, nombre: str, total: int) -> None:
        self._progreso = progreso
        self._id: TaskID = progreso.add_task(nombre, total=total)

    def __enter__(self) -> Callable[[int], None]:
        return lambda hechas: self._progreso.update(self._id, completed=hechas)

    def __exit__(self, *_exc: object) -> None:
        self._progreso.update(self._id, completed=self._progreso.tasks[self._id].total)


def _maquina() -> Resultado:
    conexion = psycopg2.connect(os.environ["DATABASE_URL"])
    ajustes = {
        nombre: uno(conexion, f"SHOW {nombre}")
        for nombre in ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
    }
    conexion.close()
    return {
        "medida": "maquina",
        "fecha": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cpu": os.cpu_count(),
        "memoria_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "orden": " ".join(["python -m bench", *sys.argv[1:]]),
        "postgresql": ajustes,
        "pulsar": {"journalSyncData": "true"},
    }


def _opciones() -> argparse.Namespace:
    analizador = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    analizador.add_argument("-n", "--sagas", type=int, default=10_000)
    analizador.add_argument("--veces", type=int, default=3, help="máximo y suelo, alternados")
    analizador.add_argument("--sagas-par", type=int, default=1_000, help="de cada par")
    analizador.add_argument("--segundos", type=float, default=60, help="de cada ritmo")
    analizador.add_argument("--plazo", type=float, default=300, help="segundos como máximo")
    analizador.add_argument("--solo", nargs="*", choices=("maximo", "rechazadas", "http", "ritmo", "pares"))
    analizador.add_argument("--informe", type=Path, help="página que se escribe (docs/rendimiento.md)")
    return analizador.parse_args()


def principal() -> int:
    """Run, print the table, and write the page if it was asked for."""
    opciones, consola = _opciones(), Console()
    REGISTRO.parent.mkdir(exist_ok=True)
    with Progress(console=consola) as progreso:
        banco = Banco(opciones, progreso)
        banco.anotar("maquina", _maquina())
        banco.todo()
    informe.mostrar(banco.resultados, consola)
    if opciones.informe:
        informe.escribir(banco.resultados, opciones.informe)
    return 0


if __name__ == "__main__":
    sys.exit(principal())

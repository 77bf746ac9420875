"""The notes of a run: how far each measurement is, and every result as soon as it is there."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.progress import Progress, TaskID

Resultado = dict[str, Any]
REGISTRO = Path(".bench/resultados.jsonl")


class Bloc:
    """What the measurements share: the options, the progress display and the results so far."""

    def __init__(self, opciones: argparse.Namespace, progreso: Progress) -> None:
        self.o = opciones
        self._progreso = progreso
        self.consola = progreso.console
        self.resultados: list[Resultado] = []

    def anotar(self, medida: str, hecha: Resultado) -> None:
        """Keep a result, and write it down."""
        resultado = {"medida": medida, **hecha}
        self.resultados.append(resultado)
        REGISTRO.parent.mkdir(exist_ok=True)
        with REGISTRO.open("a") as registro:
            print(json.dumps(resultado, ensure_ascii=False), file=registro)

    def decir(self, texto: str) -> None:
        """Print a line above the progress display."""
        self.consola.print(texto)

    def tarea(self, nombre: str, total: int) -> "Tarea":
        """Open a line of the progress display."""
        return Tarea(self._progreso, nombre, total)


class Tarea:
    """One line of the progress display; inside it, a function that says how much is done."""

    def __init__(self, progreso: Progress, nombre: str, total: int) -> None:
        self._progreso = progreso
        self._total = total
        self._id: TaskID = progreso.add_task(nombre, total=total)

    def __enter__(self) -> Callable[[int], None]:
        return lambda hechas: self._progreso.update(self._id, completed=hechas)

    def __exit__(self, *_exc: object) -> None:
        self._progreso.update(self._id, completed=self._total)
        self._progreso.stop_task(self._id)

"""The report of a run: its progress, what it exercised, and the story of the first failing schedule."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from aeropartners.simulacion.ejercicio import Ejercicio
from aeropartners.simulacion.encoger import encoger
from aeropartners.simulacion.plan import Plan, numeros
from aeropartners.simulacion.serie import Repertorio, Sala, correr

MOSTRADAS = 10
Orden = Callable[[Plan], str]


@dataclass(slots=True)
class Corrida:
    """The results of a run so far; `fallidas`: seed → what was wrong."""

    cuantas: int = 0
    segundos: float = 0.0
    fallidas: dict[int, dict[str, list[Any]]] = field(default_factory=dict)
    ejercicio: Ejercicio = field(default_factory=Ejercicio)

    @property
    def texto(self) -> str:
        """What the run exercised, its speed, and the seeds that failed."""
        return "\n".join(
            [
                self.ejercicio.resumen(),
                f"{self.cuantas} calendarios en {self.segundos:.0f} s ({self.por_minuto:.0f}/min),"
                f" {len(self.fallidas)} fallan",
                *(f"semilla {s}: {', '.join(v)}" for s, v in sorted(self.fallidas.items())[:MOSTRADAS]),
            ]
        )

    @property
    def por_minuto(self) -> float:
        """Schedules a minute."""
        return 60 * self.cuantas / self.segundos if self.segundos else 0.0


def correr_con_barra(
    repertorio: Repertorio, semillas: range, procesos: int, consola: Console, hasta_fallar: bool = False
) -> Corrida:
    """Play the seeds under a progress bar; with `hasta_fallar`, stop after the first failure."""
    corrida, comienzo = Corrida(), time.monotonic()
    columnas = (
        TextColumn("calendarios"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[ritmo]:.0f}/min, {task.fields[fallidas]} fallan"),
        TimeRemainingColumn(),
    )
    with Progress(*columnas, console=consola) as barra:
        tarea = barra.add_task("", total=len(semillas), ritmo=0.0, fallidas=0)
        for hechas in correr(repertorio, semillas, procesos):
            corrida.cuantas += hechas.cuantas
            corrida.segundos = time.monotonic() - comienzo
            corrida.fallidas |= hechas.fallidas
            corrida.ejercicio.sumar(hechas.ejercicio)
            barra.update(
                tarea, completed=corrida.cuantas, ritmo=corrida.por_minuto, fallidas=len(corrida.fallidas)
            )
            if hasta_fallar and corrida.fallidas:
                break
    return corrida


def historia(repertorio: Repertorio, plan: Plan, orden: Orden) -> str:
    """Shrink a failing schedule and return its story, with the command that plays it again."""
    sala = Sala(repertorio)
    culpas = set(sala.jugar(plan).violaciones)
    menor = encoger(plan, lambda otro: bool(culpas & set(sala.jugar(otro).violaciones)))
    resultado = sala.jugar(menor)
    return "\n".join(
        [
            f"Semilla {plan.semilla}, de {len(plan.acciones)} turnos a {len(menor.acciones)}:",
            *resultado.relato,
            *_culpas(resultado.violaciones),
            f"Para repetirla: {orden(menor)}",
        ]
    )


def opciones(plan: Plan) -> str:
    """Return the options of the command that select this part of a seed's schedule."""
    return " ".join(
        [
            f"--semilla {plan.semilla}",
            f"--turnos {_lista(numeros(plan)) or '-'}",
            f"--sagas {_lista(plan.sagas)}",
            f"--copias {_lista(plan.copias)}",
            f"--normales {_lista(sorted(plan.normales)) or '-'}",
        ]
    )


def _culpas(violaciones: Mapping[str, list[Any]]) -> Iterable[str]:
    for nombre, filas in violaciones.items():
        yield f"NO SE CUMPLE: {nombre}"
        yield from (f"    {fila}" for fila in filas)


def _lista(numeros: Iterable[int]) -> str:
    return ",".join(map(str, numeros))

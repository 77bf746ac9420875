"""Many schedules in several processes: what they exercised, and the seeds that failed."""

import logging
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from aeropartners.simulacion.base import MotorEnMemoria
from aeropartners.simulacion.ejercicio import Ejercicio
from aeropartners.simulacion.jugada import Obra, Resultado, jugar
from aeropartners.simulacion.plan import Plan

TANDA = 20
HacerObra = Callable[[Plan], Obra]


@dataclass(frozen=True, slots=True)
class Repertorio:
    """What is played: the schedule of a seed, and the play of a schedule."""

    plan: Callable[[int], Plan]
    obra: HacerObra


@dataclass(slots=True)
class Hechas:
    """The results of some seeds; `fallidas`: seed → what was wrong."""

    cuantas: int = 0
    fallidas: dict[int, dict[str, list[Any]]] = field(default_factory=dict)
    ejercicio: dict[str, Mapping[str, int]] = field(default_factory=dict)


class Sala:
    """Plays schedules in this process, one after the other on one database."""

    def __init__(self, repertorio: Repertorio) -> None:
        # The story tells the faults: without this the system would log them as well.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self._repertorio = repertorio
        self._motor = MotorEnMemoria()

    def plan(self, semilla: int) -> Plan:
        """Return the schedule of a seed."""
        return self._repertorio.plan(semilla)

    def jugar(self, plan: Plan) -> Resultado:
        """Play a schedule."""
        return jugar(plan, self._repertorio.obra, self._motor)

    def tanda(self, semillas: Iterable[int]) -> Hechas:
        """Play the schedules of some seeds."""
        hechas, ejercicio = Hechas(), Ejercicio()
        for semilla in semillas:
            resultado = self.jugar(self.plan(semilla))
            hechas.cuantas += 1
            ejercicio.sumar(resultado.ejercicio.cuentas)
            if resultado.violaciones:
                hechas.fallidas[semilla] = resultado.violaciones
        hechas.ejercicio = {grupo: dict(cuenta) for grupo, cuenta in ejercicio.cuentas.items()}
        return hechas


_sala: Sala


def _abrir(repertorio: Repertorio) -> None:
    global _sala
    _sala = Sala(repertorio)


def _tanda(semillas: range) -> Hechas:
    return _sala.tanda(semillas)


def correr(repertorio: Repertorio, semillas: range, procesos: int) -> Iterator[Hechas]:
    """Play the seeds in `procesos` processes; yield the results in order, TANDA seeds at a time."""
    tandas = [semillas[i : i + TANDA] for i in range(0, len(semillas), TANDA)]
    with multiprocessing.get_context("fork").Pool(procesos, _abrir, (repertorio,)) as pool:
        yield from pool.imap(_tanda, tandas)

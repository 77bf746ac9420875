"""Plays a schedule from its first turn to rest, and judges the result."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from aeropartners.simulacion.base import MotorEnMemoria
from aeropartners.simulacion.broker_simulado import TemasSimulados
from aeropartners.simulacion.copia import Entorno
from aeropartners.simulacion.ejercicio import Ejercicio
from aeropartners.simulacion.llamadas import LlamadasEnSerie
from aeropartners.simulacion.mundo import Elenco, Mundo
from aeropartners.simulacion.plan import Plan
from aeropartners.simulacion.reposo import NoReposa, sanar
from aeropartners.simulacion.tiempo import IdsVirtuales, RelojVirtual
from aeropartners.simulacion.turnos import hacer

# The share of calls whose result comes back one round later.
TARDA = 0.4
Violaciones = Mapping[str, list[Any]]


class Obra(Elenco, Protocol):
    """A kind of schedule: its processes and commands, and what must be true at its end."""

    def datos_iniciales(self) -> Sequence[tuple[str, object]]:
        """Return what is handed to the modules before the first turn: the name of a piece, and a message."""

    def juzgar(self, mundo: Mundo) -> Violaciones:
        """Return the faults by the name of the invariant; an empty list is no fault."""


@dataclass(frozen=True, slots=True)
class Resultado:
    """The result of a schedule: the faults, its story, and what it exercised."""

    violaciones: dict[str, list[Any]]
    relato: list[str]
    ejercicio: Ejercicio


def jugar(plan: Plan, obra: Callable[[Plan], Obra], motor: MotorEnMemoria) -> Resultado:
    """Play a schedule on an emptied database."""
    motor.vaciar()
    reloj = RelojVirtual()
    correo = TemasSimulados(reloj)
    llamadas = partial(LlamadasEnSerie, lambda: correo.azar is not None and correo.azar.random() < TARDA)
    entorno = Entorno(motor, reloj, IdsVirtuales(reloj), correo, llamadas)
    elegida = obra(plan)
    mundo = Mundo(plan, elegida, entorno)
    violaciones: dict[str, list[Any]] = {}
    with mundo.observado():
        for copia in mundo.copias:
            mundo.arrancar(copia)
        for pieza, mensaje in elegida.datos_iniciales():
            mundo.poner(pieza, mensaje)
        for _, accion in plan.acciones:
            hacer(mundo, accion)
        try:
            sanar(mundo)
        except NoReposa as error:
            violaciones["no llega al reposo"] = [str(error)]
    try:
        violaciones |= {nombre: filas[:10] for nombre, filas in elegida.juzgar(mundo).items() if filas}
    except Exception as error:
        violaciones["lo que hay no se puede juzgar"] = [f"{type(error).__name__}: {error}"]
    if mundo.averias:
        violaciones["averías inesperadas"] = mundo.averias[:5]
    return Resultado(violaciones, mundo.relato, mundo.ejercicio)

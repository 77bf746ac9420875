"""A schedule of faults: the processes, and what happens turn by turn; drawn from one seed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random


class TipoDeTurno(StrEnum):
    """What can happen in a turn."""

    RONDA = "ronda"
    PASA = "pasa"
    INICIA = "inicia"
    MATA = "mata"
    MATA_EN = "mata_en"
    PARA = "para"
    ARRANCA = "arranca"
    CORTA = "corta"
    BROKER = "broker"
    RAFAGA = "rafaga"
    BASE = "base"
    VENENO = "veneno"
    REPITE = "repite"
    RETRASA = "retrasa"
    ENTRELAZA = "entrelaza"
    ORDENA = "ordena"
    ADELANTA = "adelanta"
    BLOQUEA = "bloquea"
    DESVIA = "desvia"
    NIEGA = "niega"
    AUSENCIA = "ausencia"
    RELOJ = "reloj"


PESOS = {
    TipoDeTurno.RONDA: 70,
    TipoDeTurno.PASA: 8,
    TipoDeTurno.INICIA: 5,
    TipoDeTurno.MATA: 2,
    TipoDeTurno.MATA_EN: 6,
    TipoDeTurno.PARA: 1,
    TipoDeTurno.ARRANCA: 5,
    TipoDeTurno.CORTA: 3,
    TipoDeTurno.BROKER: 2,
    TipoDeTurno.RAFAGA: 2,
    TipoDeTurno.BASE: 2,
    TipoDeTurno.VENENO: 3,
    TipoDeTurno.REPITE: 4,
    TipoDeTurno.RETRASA: 4,
    TipoDeTurno.ENTRELAZA: 5,
    TipoDeTurno.ORDENA: 4,
    TipoDeTurno.ADELANTA: 2,
    TipoDeTurno.BLOQUEA: 2,
    TipoDeTurno.DESVIA: 1,
    TipoDeTurno.NIEGA: 3,
    TipoDeTurno.AUSENCIA: 2,
    TipoDeTurno.RELOJ: 1,
}


@dataclass(frozen=True, slots=True)
class Accion:
    """One turn. Its numbers select among whatever exists at that turn, so any other turn may be left out."""

    tipo: TipoDeTurno
    quien: int
    cual: int
    cuanto: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A schedule: the sagas, the number of copies of each process, and the numbered turns.

    `puntual`: deadlines are long, so that the end of each saga is known beforehand. `normales`: sagas whose
    steps all succeed at once.
    """

    semilla: int
    puntual: bool
    sagas: tuple[int, ...]
    copias: tuple[int, ...]
    acciones: tuple[tuple[int, Accion], ...]
    normales: frozenset[int] = frozenset()


def de_semilla(semilla: int, procesos: int) -> Plan:
    """Return the schedule of a seed; `procesos` is the number of kinds of processes."""
    azar = Random(semilla)
    cuantas = azar.randint(20, 140)
    tipos, pesos = list(PESOS), list(PESOS.values())
    sagas = tuple(range(1, azar.choice((1, 1, 2, 3, 4)) + 1))
    elegidos = azar.choices(tipos, pesos, k=cuantas)
    for _ in sagas:
        elegidos.insert(azar.randrange(8), TipoDeTurno.INICIA)
    acciones = [
        Accion(tipo, azar.randrange(1 << 16), azar.randrange(1 << 16), azar.random()) for tipo in elegidos
    ]
    return Plan(
        semilla,
        puntual=azar.random() < 0.6,
        sagas=sagas,
        copias=tuple(azar.choice((1, 2, 2, 3)) for _ in range(procesos)),
        acciones=tuple(enumerate(acciones)),
    )


def numeros(plan: Plan) -> Sequence[int]:
    """Return the numbers of the schedule's turns."""
    return [n for n, _ in plan.acciones]


def recortado(
    plan: Plan,
    turnos: Sequence[int] | None,
    sagas: Sequence[int] | None,
    copias: Sequence[int] | None,
    normales: Sequence[int] | None,
) -> Plan:
    """Return the named part of a schedule; None stands for all of it."""
    return replace(
        plan,
        acciones=plan.acciones if turnos is None else tuple(a for a in plan.acciones if a[0] in turnos),
        sagas=plan.sagas if sagas is None else tuple(sagas),
        copias=plan.copias if copias is None else tuple(copias),
        normales=plan.normales if normales is None else frozenset(normales),
    )

"""What the programs of the peers share: command line, tables, clock, checks and last line."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.pares.filas import SinCifra, comprobar, identidades, tablas

CALENTAMIENTO = 50
"""Sagas before the clock starts, at most: connections are open and statements prepared, for every peer."""


@dataclass(frozen=True, slots=True)
class Peticion:
    """What a run is asked for."""

    url: str
    variante: str
    rechazadas: bool


Correr = Callable[[Sequence[str]], None]
"""Starts the sagas of these ids and returns when all have ended."""


@dataclass(frozen=True, slots=True)
class Par:
    """A peer: its name, the version of what is measured, its variants and the settings of each."""

    nombre: str
    version: str
    variantes: tuple[str, ...]
    medir: Callable[[Peticion, Callable[[Correr], None]], dict[str, Any]]
    """Sets the peer up, hands a `Correr` to its second argument, takes it down, returns its settings."""


def principal(par: Par) -> int:
    """Run one variant of a peer and print its figure; 1, and no figure, when the effects are wrong."""
    analizador = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    analizador.add_argument("--url", required=True, help="una base de datos propia, vacía")
    analizador.add_argument("--sagas", type=int, required=True)
    analizador.add_argument("--variante", choices=par.variantes, required=True)
    analizador.add_argument("--rechazadas", action="store_true", help="el pago se rechaza en todas")
    argumentos = analizador.parse_args()
    peticion = Peticion(argumentos.url, argumentos.variante, argumentos.rechazadas)
    try:
        medida = _medir(par, peticion, argumentos.sagas)
    except SinCifra as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(medida, ensure_ascii=False))
    return 0


def _medir(par: Par, peticion: Peticion, sagas: int) -> dict[str, Any]:
    previas = min(CALENTAMIENTO, sagas)
    segundos = 0.0

    def cronometrar(correr: Correr) -> None:
        nonlocal segundos
        correr(identidades(previas))
        medidas = identidades(sagas)
        inicio = time.monotonic()
        correr(medidas)
        segundos = time.monotonic() - inicio

    with psycopg.connect(peticion.url, autocommit=True) as conexion:
        for orden in tablas():
            conexion.execute(orden)
        ajustes = par.medir(peticion, cronometrar)
        comprobar(conexion.cursor(), previas + sagas, peticion.rechazadas)
    return {
        "par": par.nombre,
        "version": par.version,
        "variante": peticion.variante,
        "rechazadas": peticion.rechazadas,
        "sagas": sagas,
        "segundos": round(segundos, 3),
        "sagas_por_s": round(sagas / segundos, 1),
        "ajustes": ajustes,
    }

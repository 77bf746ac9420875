"""The options of `python -m bench`: how much of each measurement, and which."""

import argparse
from collections.abc import Iterable
from pathlib import Path


def leer(descripcion: str | None, medidas: Iterable[str]) -> argparse.Namespace:
    """Read the command line; without options everything is run, in about an hour."""
    a = argparse.ArgumentParser(prog="python -m bench", description=descripcion)
    entero, decimal = {"type": int}, {"type": float}
    a.add_argument("-n", "--sagas", **entero, default=10_000, help="de cada corrida al máximo")
    a.add_argument("--veces", **entero, default=3, help="de lo que se compara, alternado")
    a.add_argument("--segundos", **decimal, default=60, help="de cada ritmo")
    a.add_argument("--plazo", **decimal, default=300, help="segundos como máximo de cada espera")
    a.add_argument("--sagas-par", **entero, default=1_000, help="de cada par")
    a.add_argument("--solo", nargs="*", choices=list(medidas), help="solo estas medidas")
    a.add_argument("--informe", type=Path, help="página que se escribe (docs/rendimiento.md)")
    return a.parse_args()

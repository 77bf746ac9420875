"""`python -m tests.simulacion.mutantes`: each mutant in a scratch copy, and the seed that finds it.

A mutant is a patch beside this file: one promise of the machine, broken in one place. It ends with 1 when
one of them is not found.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from aeropartners.simulacion.serie import Sala
from tests.simulacion.repertorio import REPERTORIO

AQUI = Path(__file__).parent
RAIZ = AQUI.parents[2]
PARTES = ("src", "tests", "setup.cfg", "pyproject.toml")


@click.command()
@click.option("-n", "cuantas", default=20_000, show_default=True, help="Semillas como máximo para cada uno.")
@click.option("--procesos", default=2, show_default=True)
@click.argument("nombres", nargs=-1)
def principal(cuantas: int, procesos: int, nombres: Sequence[str]) -> None:
    """Try the mutants, or those named."""
    sala = Sala(REPERTORIO)
    perdidos = 0
    for parche in sorted(AQUI.glob("*.patch")):
        if nombres and parche.stem not in nombres:
            continue
        comienzo = time.monotonic()
        hallada = probar(parche, cuantas, procesos)
        if hallada is None:
            que = f"NO SE ENCUENTRA en {cuantas} semillas"
        elif sala.jugar(sala.plan(hallada[0])).violaciones:
            que = f"NO SE ENCUENTRA: la semilla {hallada[0]} falla también sin él"
        else:
            que = f"tras {hallada[0]} semillas: {hallada[1]}"
        perdidos += que.startswith("NO")
        click.echo(f"{parche.stem}: {que} ({time.monotonic() - comienzo:.0f} s)")
    sys.exit(1 if perdidos else 0)


def probar(parche: Path, cuantas: int, procesos: int = 1) -> tuple[int, str] | None:
    """Play seeds from 1 in a copy with this mutant; return the first that fails, and what is wrong."""
    with tempfile.TemporaryDirectory() as carpeta:
        copia = Path(carpeta)
        copiar(copia)
        subprocess.run(["git", "apply", str(parche)], cwd=copia, check=True)
        orden = [sys.executable, "-m", "tests.simulacion", "-n", str(cuantas), "--procesos", str(procesos)]
        entorno = {**os.environ, "PYTHONPATH": f"{copia / 'src'}:{copia}", "PYTHONDONTWRITEBYTECODE": "1"}
        hecho = subprocess.run(
            [*orden, "--hasta-fallar"], cwd=copia, env=entorno, capture_output=True, text=True, check=False
        )
    hallada = re.search(r"^semilla (\d+): (.*)$", hecho.stdout, re.MULTILINE)
    if hallada is None and hecho.returncode:
        raise RuntimeError(hecho.stdout[-2000:] + hecho.stderr[-2000:])
    return (int(hallada[1]), hallada[2]) if hallada else None


def copiar(destino: Path) -> None:
    """Copy what the simulator needs."""
    fuera = shutil.ignore_patterns("__pycache__", "*.egg-info", "node_modules")
    for parte in PARTES:
        if (RAIZ / parte).is_dir():
            shutil.copytree(RAIZ / parte, destino / parte, ignore=fuera)
        else:
            shutil.copy(RAIZ / parte, destino / parte)


if __name__ == "__main__":
    principal()

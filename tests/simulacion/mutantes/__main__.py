"""`python -m tests.simulacion.mutantes`: each mutant in a scratch copy, and the seed that finds it.

A mutant is a patch beside this file: one promise of the machine, broken in one place. It ends with 1 when
one of them is not found.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

AQUI = Path(__file__).parent
RAIZ = AQUI.parents[2]
PARTES = ("src", "tests", "setup.cfg", "pyproject.toml")
ENCONTRADO = "semilla "


@click.command()
@click.option("-n", "cuantas", default=20_000, show_default=True, help="Semillas como máximo para cada uno.")
@click.option("--procesos", default=2, show_default=True)
@click.argument("nombres", nargs=-1)
def principal(cuantas: int, procesos: int, nombres: Sequence[str]) -> None:
    """Try the mutants, or those named."""
    mal = 0
    for parche in sorted(AQUI.glob("*.patch")):
        if not nombres or parche.stem in nombres:
            comienzo = time.monotonic()
            hallazgo = probar(parche, cuantas, procesos)
            mal += hallazgo is None
            que = hallazgo or f"NO SE ENCUENTRA en {cuantas} semillas"
            click.echo(f"{parche.stem}: {que} ({time.monotonic() - comienzo:.0f} s)")
    sys.exit(1 if mal else 0)


def probar(parche: Path, cuantas: int, procesos: int = 1) -> str | None:
    """Apply a mutant to a copy and play seeds there; return what the first one that fails says."""
    with tempfile.TemporaryDirectory() as carpeta:
        copia = Path(carpeta)
        copiar(copia)
        subprocess.run(["git", "apply", str(parche)], cwd=copia, check=True)
        orden = [sys.executable, "-m", "tests.simulacion", "-n", str(cuantas), "--procesos", str(procesos)]
        entorno = {**os.environ, "PYTHONPATH": f"{copia / 'src'}:{copia}", "PYTHONDONTWRITEBYTECODE": "1"}
        hecho = subprocess.run(
            [*orden, "--hasta-fallar"], cwd=copia, env=entorno, capture_output=True, text=True, check=False
        )
    halladas = [li for li in hecho.stdout.splitlines() if li.startswith(ENCONTRADO)]
    if not halladas and hecho.returncode:
        raise RuntimeError(hecho.stdout[-2000:] + hecho.stderr[-2000:])
    return halladas[0] if halladas else None


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

"""The trees whose system is measured: this one, and a commit in a worktree with its own environment."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.pares.entornos import Omitido, uv

RAIZ = Path(__file__).resolve().parents[1]
CONTRA = RAIZ / ".bench" / "contra"
LISTO = "listo"


@dataclass(frozen=True, slots=True)
class Arbol:
    """What its system is started by: the command `aeropartners` of its environment, never an import."""

    nombre: str
    cli: tuple[str, ...]


ESTE = Arbol("este", (str(Path(sys.executable).with_name("aeropartners")),))


def sin_pythonpath() -> dict[str, str]:
    """Return our environment without PYTHONPATH: it would put one tree's packages before the other's."""
    return {nombre: valor for nombre, valor in os.environ.items() if nombre != "PYTHONPATH"}


def como_esta() -> Arbol:
    """Return this tree, under the name of its commit, and whether it has changes."""
    commit = _git("rev-parse", "HEAD")[:12]
    return Arbol(f"{commit} con cambios" if _git("status", "--porcelain") else commit, ESTE.cli)


def traer(ref: str) -> Arbol:
    """Return the tree of a commit; its worktree and its environment are made if they are not there, whole."""
    commit = _git("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}")
    carpeta = CONTRA / commit[:12]
    with _cerrojo():
        if not _entero(carpeta):
            try:
                _hacer(carpeta, commit)
            except Omitido as error:
                raise SystemExit(str(error)) from error
        if _git("status", "--porcelain", "--untracked-files=no", donde=carpeta):
            raise SystemExit(f"{carpeta} ya no es el commit {carpeta.name}: alguien lo cambió; bórrelo")
    return Arbol(carpeta.name, (str(carpeta / ".venv" / "bin" / "aeropartners"),))


def _entero(carpeta: Path) -> bool:
    """Whether it was made to the end, and here: the paths in an environment do not survive a move."""
    listo = carpeta / ".venv" / LISTO
    return listo.exists() and listo.read_text() == str(carpeta)


def _hacer(carpeta: Path, commit: str) -> None:
    """Make the worktree, and the environment of its own lock file; the mark that it is whole comes last."""
    shutil.rmtree(carpeta, ignore_errors=True)
    _git("worktree", "prune")
    _git("worktree", "add", "--detach", str(carpeta), commit)
    venv = carpeta / ".venv"
    uv("venv", "--python", sys.executable, str(venv))
    instalar = ("pip", "install", "--compile-bytecode", "--python", str(venv / "bin" / "python"))
    uv(*instalar, "--require-hashes", "-r", str(carpeta / "requirements.lock"))
    uv(*instalar, "--no-deps", "--no-build-isolation", "-e", str(carpeta))
    (venv / LISTO).write_text(str(carpeta))


@contextmanager
def _cerrojo() -> Iterator[None]:
    CONTRA.mkdir(parents=True, exist_ok=True)
    with (CONTRA / "cerrojo").open("w") as archivo:
        fcntl.flock(archivo, fcntl.LOCK_EX)
        yield


def _git(*orden: str, donde: Path | None = None) -> str:
    hecho = subprocess.run(["git", "-C", str(donde or RAIZ), *orden], capture_output=True, text=True)
    if hecho.returncode != 0:
        raise SystemExit(f"Falló: git {' '.join(orden)}\n{hecho.stderr}".rstrip())
    return hecho.stdout.strip()

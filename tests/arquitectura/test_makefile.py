"""The Makefile says which Python it needs, and makes nothing of one that is too old."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

RAIZ = Path(__file__).resolve().parents[2]
# A Python that says that it is another one; what it is asked to make, it makes as that one would.
FINGIDA = """#!/bin/bash
if [ "$1" = -c ]; then exec {python} -c "import sys; sys.version_info = {version}; exec(sys.argv[1])" "$2"; fi
echo "$@" >> {hecho}
mkdir -p .venv/bin && cp "$0" .venv/bin/python
if [ "$3" = install ]; then touch .venv/bin/uv && chmod +x .venv/bin/uv; fi
"""


def _fingir(donde: Path, version: tuple[int, int, int], hecho: Path) -> None:
    donde.parent.mkdir(parents=True, exist_ok=True)
    donde.write_text(FINGIDA.format(python=sys.executable, version=version, hecho=hecho))
    donde.chmod(donde.stat().st_mode | stat.S_IXUSR)


def _make(carpeta: Path, version: tuple[int, int, int]) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Run `make run` where `python3` is of this version; return what came of it, and what it was asked."""
    for nombre in ("Makefile", "requirements.lock", "setup.cfg", "pyproject.toml"):
        shutil.copy(RAIZ / nombre, carpeta)
    hecho = carpeta / "hecho"
    _fingir(carpeta / "bin/python3", version, hecho)
    # What `make test` hands down to the make that it is under is none of this one's.
    entorno = {nombre: valor for nombre, valor in os.environ.items() if not nombre.startswith("MAKE")}
    entorno["PATH"] = f"{carpeta / 'bin'}:{os.environ['PATH']}"
    salida = subprocess.run(["make", "run"], cwd=carpeta, env=entorno, capture_output=True, text=True)
    return salida, hecho


@pytest.mark.parametrize("version", [(3, 9, 6), (3, 10, 13)])
def test_un_python_viejo_se_dice_antes_de_nada(tmp_path: Path, version: tuple[int, int, int]) -> None:
    """One line names the Python that was found and the one that is needed; no environment is made."""
    salida, hecho = _make(tmp_path, version)
    assert salida.returncode != 0
    dicho = (salida.stdout + salida.stderr).splitlines()
    assert dicho[0].startswith("Hace falta Python 3.11 o posterior; ")
    assert dicho[0].endswith(f" es Python {'.'.join(map(str, version))}")
    assert not hecho.exists()
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 2), (4, 0, 0)])
def test_uno_nuevo_hace_el_entorno(tmp_path: Path, version: tuple[int, int, int]) -> None:
    """One that will do is asked for the environment, and nothing is said of it."""
    salida, hecho = _make(tmp_path, version)
    assert "Hace falta" not in salida.stdout + salida.stderr
    assert hecho.read_text().startswith("-m venv .venv\n")


def test_un_entorno_de_uno_viejo_se_dice(tmp_path: Path) -> None:
    """An environment that an old Python made is not filled: it is told how to be rid of it."""
    _fingir(tmp_path / ".venv/bin/python", (3, 9, 6), tmp_path / "hecho")
    _fingir(tmp_path / ".venv/bin/uv", (3, 9, 6), tmp_path / "uv")
    salida, _ = _make(tmp_path, (3, 11, 7))
    assert salida.returncode != 0
    assert "Hace falta Python 3.11 o posterior; " in salida.stderr
    assert "es Python 3.9.6\nmake clean quita ese entorno\n" in salida.stderr

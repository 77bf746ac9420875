"""A third system, its folders and one line: it migrates, serves, is shown, and the cotejo finds nothing."""

import difflib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from aeropartners.arranque.sistemas import NOMBRES, SERVICIOS
from tests.puertos import puerto_libre
from tests.servicios import sin_servicios

RAIZ = Path(__file__).resolve().parents[2]
SALUDOS = Path(__file__).with_name("saludos")
LISTA = "aeropartners/arranque/sistemas/__init__.py"
MIGRACION = "aeropartners/modulos/saludos/infraestructura/migraciones/v9000_saludos.py"
CLI = "from aeropartners.arranque.cli import principal; principal()"
LINT = "import sys; from importlinter.cli import lint_imports_command as c; c()"


def ultima_revision() -> str:
    """Return the migration that no other follows: the toy's comes after it."""
    textos = [p.read_text() for p in (RAIZ / "src").rglob("migraciones/**/v[0-9]*.py")]
    seguidas = {m for t in textos for m in re.findall(r'^down_revision = "(.*)"$', t, re.M)}
    [ultima] = {m for t in textos for m in re.findall(r'^revision = "(.*)"$', t, re.M)} - seguidas
    return ultima


class Arbol:
    """A copy of the tree with one system more."""

    def __init__(self, carpeta: Path) -> None:
        self.carpeta, self.src = carpeta, carpeta / "src"
        sin = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(RAIZ / "src", self.src, ignore=sin)
        shutil.copytree(SALUDOS, self.src, ignore=sin, dirs_exist_ok=True)
        shutil.copy(RAIZ / "setup.cfg", carpeta)
        migracion = self.src / MIGRACION
        migracion.write_text(migracion.read_text().replace("the last one there is", ultima_revision()))
        lista = self.src / LISTA
        antes = lista.read_text()
        lista.write_text(antes.replace(f'"{NOMBRES[-1]}")', f'"{NOMBRES[-1]}", "saludos")'))
        self.cambio = list(difflib.ndiff(antes.splitlines(), lista.read_text().splitlines()))

    def correr(self, programa: str, *argumentos: str, codigo: int = 0, **entorno: str) -> str:
        """Run a program of the copy in its folder, which ends so, and return what it printed."""
        orden: Sequence[str] = [sys.executable, "-c", programa, *argumentos]
        variables = {**sin_servicios(), "PYTHONPATH": str(self.src), "NO_COLOR": "1", **entorno}
        hecho = subprocess.run(
            orden, cwd=self.carpeta, env=variables, capture_output=True, text=True, timeout=240, check=False
        )
        assert hecho.returncode == codigo, hecho.stdout + hecho.stderr
        return hecho.stdout


@pytest.fixture(scope="module")
def arbol(tmp_path_factory: pytest.TempPathFactory) -> Arbol:
    """The copy, one for all."""
    return Arbol(tmp_path_factory.mktemp("arbol"))


def test_una_linea_fuera_de_sus_carpetas(arbol: Arbol) -> None:
    """Nothing that was there is changed, but for the one list that names the systems."""
    assert sum(linea.startswith("+ ") for linea in arbol.cambio) == 1
    propios = {p.relative_to(SALUDOS) for p in SALUDOS.rglob("*.py")}
    assert [p for p in propios if (RAIZ / "src" / p).exists()] == []
    assert "0 broken" in arbol.correr(LINT, "--no-cache")


def test_sus_variables_y_su_puerto(arbol: Arbol) -> None:
    """They are read and shown; the port that its contract wants is another's, and so is the next."""
    dichas = json.loads(arbol.correr(CLI, "config", "--json"))
    assert (dichas["SALUDO"], dichas["PUERTO_SALUDOS_API"]) == ("hola", "28000")


def test_se_muestra_y_nada_falta(arbol: Arbol) -> None:
    """One saga completes, one is undone; the rows are as they should be; nothing was lost or doubled."""
    puertos = {servicio.variables[0]: str(puerto_libre()) for servicio in SERVICIOS.values()}
    datos = {"AEROPARTNERS_DATOS": str(arbol.carpeta / "datos")}
    propio = {"PUERTO_SALUDOS_API": str(puerto_libre()), "SALUDO": "buenas"}
    dicho = arbol.correr(CLI, "demo", "--una-vez", "--sistema", "saludos", **puertos, **datos, **propio)
    assert "COMPLETADA" in dicho
    assert "COMPENSADA" in dicho
    with closing(sqlite3.connect(arbol.carpeta / "datos/aeropartners.db")) as con:
        filas = sorted(con.execute("SELECT texto, estado FROM saludos"))
        assert filas == [("buenas", "CALLADO"), ("buenas", "DICHO"), ("salud", "DICHO")]
        arbol.correr(CLI, "auditar", "--reposo", "1", **datos)
        arbol.correr(CLI, "saga", "reconstruir", "--comprobar", **datos)
        con.execute("DELETE FROM saludos WHERE texto = 'salud'")
        con.commit()
    assert "1 perdidos" in arbol.correr(CLI, "auditar", "--reposo", "1", codigo=1, **datos)

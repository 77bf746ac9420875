"""The simulator sees: promises that are broken on purpose are found."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.simulacion.mutantes.__main__ import AQUI, copiar, probar

PARCHES = sorted(AQUI.glob("*.patch"))
# Those that a few seeds find: the whole list is `make mutantes`.
RAPIDOS = {"02_sin_bandeja": 20, "06_salida_borrada_antes": 40}


@pytest.fixture(scope="module")
def copia(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree as it is."""
    carpeta = tmp_path_factory.mktemp("mutantes")
    copiar(carpeta)
    return carpeta


def test_son_trece() -> None:
    """No mutant is forgotten."""
    assert len(PARCHES) == 13


@pytest.mark.parametrize("parche", PARCHES, ids=lambda p: p.stem)
def test_cada_uno_es_de_este_codigo(copia: Path, parche: Path) -> None:
    """Each patch applies to the code as it is: one that does not proves nothing."""
    assert shutil.which("git")
    subprocess.run(["git", "apply", "--check", str(parche)], cwd=copia, check=True)


@pytest.mark.parametrize("nombre", RAPIDOS)
def test_se_encuentra(nombre: str) -> None:
    """A few seeds find a mutant that breaks what every message passes by."""
    assert probar(AQUI / f"{nombre}.patch", RAPIDOS[nombre]) is not None

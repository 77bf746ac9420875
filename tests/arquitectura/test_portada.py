"""The README: short, and its saga and the test of it are what they say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.arquitectura.paginas import PAGINAS, bloques

from aeropartners.arranque.cli import principal

PORTADA = PAGINAS["README.md"]
PALABRAS, LINEAS = 900, (25, 12)
SAGA, PRUEBA = bloques(PORTADA, "python")
# An order that cannot be made a second time.
UNA_VEZ = "saga.memoria.pasos and [0][saga.memoria.pasos[0].intentos - 1]"
ROTA = SAGA.replace("saga.datos_iniciales[de]", UNA_VEZ)


def test_lo_rapido_es_lo_medido() -> None:
    """The figures of the README are those of the page that a run makes; a later run is said to be one."""
    dicho = PORTADA.split("## How fast")[1].split("In a later run")[0]
    cifras = re.findall(r"\d+%?", dicho)
    assert len(cifras) == 4
    medido = PAGINAS["docs/rendimiento.md"]
    assert [c for c in cifras if not re.search(rf"(?<![\d.,]){c}(?![\d.,]*\d)", medido)] == []


def lineas(bloque: str) -> int:
    """Return the lines that are not blank."""
    return sum(1 for linea in bloque.splitlines() if linea.strip())


def test_se_lee_de_una_vez() -> None:
    """It has at most 900 words, those of its blocks among them."""
    assert len(PORTADA.split()) <= PALABRAS


def test_la_saga_y_su_prueba_son_cortas() -> None:
    """A saga in 25 lines and its test in 12; and the README says how many they have."""
    assert (lineas(SAGA), lineas(PRUEBA)) <= LINEAS
    assert lineas(PRUEBA) <= LINEAS[1]
    assert f"`viaje.py`, {lineas(SAGA)} lines" in PORTADA
    assert f"Its test, {lineas(PRUEBA)} lines" in PORTADA


def _probar(carpeta: Path, saga: str, prueba: str) -> subprocess.CompletedProcess[str]:
    (carpeta / "viaje.py").write_text(saga)
    (carpeta / "test_viaje.py").write_text(prueba)
    orden = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_viaje.py"]
    return subprocess.run(orden, cwd=carpeta, capture_output=True, text=True)


def test_la_prueba_de_la_portada_pasa(tmp_path: Path) -> None:
    """In an empty folder, as a reader would do it."""
    hecha = _probar(tmp_path, SAGA, PRUEBA)
    assert "1 passed" in hecha.stdout, hecha.stdout + hecha.stderr


def test_una_saga_rota_no_la_pasa(tmp_path: Path) -> None:
    """The test of the README finds an order that cannot be made twice, in a few schedules."""
    pocas = PRUEBA.replace("range(1, 51)", "range(1, 9)")
    assert ROTA != SAGA
    assert pocas != PRUEBA
    hecha = _probar(tmp_path, ROTA, pocas)
    assert "1 failed" in hecha.stdout, hecha.stdout + hecha.stderr
    assert "fallidas == {}" in hecha.stdout


def test_el_mando_hace_lo_mismo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`aeropartners simular definicion viaje:VIAJE`, in the folder of the file."""
    (tmp_path / "viaje.py").write_text(SAGA)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    orden = ["simular", "definicion", "viaje:VIAJE", "--semillas", "8", "--procesos", "1"]
    hecho = CliRunner().invoke(principal, orden)
    assert hecho.exit_code == 0, hecho.output

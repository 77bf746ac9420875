"""`aeropartners retencion`: what it says, what it does, and its exit codes."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from aeropartners.arranque.cli import principal
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.migraciones import aplicar
from aeropartners.seedwork.infraestructura.operacion.particiones import SEMANA
from saga_orchestrator.infraestructura.almacen.totales import TotalesDeSagas
from tests.conformidad.archivo import LUNES, Archivo


@pytest.fixture
def archivo(tmp_path: Path) -> Archivo:
    """Two weeks: all of the first has ended, the second has an open saga."""
    motor = Motor(f"sqlite:///{tmp_path / 'aeropartners.db'}")
    aplicar(motor)
    archivo = Archivo(motor)
    archivo.terminar(archivo.iniciar(LUNES))
    archivo.terminar(archivo.iniciar(LUNES + SEMANA))
    archivo.iniciar(LUNES + SEMANA)
    return archivo


def _retencion(tmp_path: Path, *opciones: str) -> tuple[int, list[dict[str, Any]]]:
    entorno = {"AEROPARTNERS_DATOS": str(tmp_path), "DATABASE_URL": None, "PULSAR_URL": None}
    hecho = CliRunner().invoke(principal, ["retencion", "--json", *opciones], env=entorno)
    return hecho.exit_code, json.loads(hecho.stdout)


def _filas(primera: str) -> list[dict[str, Any]]:
    return [
        {"semana": "2025-03-03", "sagas": 1, "abiertas": 0, "resultado": primera},
        {"semana": "2025-03-10", "sagas": 2, "abiertas": 1, "resultado": "se queda"},
    ]


def test_dice_y_retira(archivo: Archivo, tmp_path: Path) -> None:
    """`--simular` changes nothing; then a week that ended leaves, and one with an open saga stays."""
    assert _retencion(tmp_path, "--simular") == (0, _filas("se retiraría"))
    assert archivo.filas()["sagas"] == 3
    assert _retencion(tmp_path) == (0, _filas("retirada"))
    assert archivo.filas()["sagas"] == 2
    assert _retencion(tmp_path) == (0, _filas("retirada")[1:])


def test_la_que_cambia_se_queda(archivo: Archivo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A week in which something happens while it is counted is said to be busy, and the exit code is 1."""
    contar = TotalesDeSagas.de

    def contar_y_seguir(totales: TotalesDeSagas, *que: Any) -> Any:
        contado = contar(totales, *que)
        archivo.iniciar(LUNES + timedelta(days=1))
        return contado

    monkeypatch.setattr(TotalesDeSagas, "de", contar_y_seguir)
    assert _retencion(tmp_path) == (1, _filas("ocupada"))
    assert archivo.filas()["sagas"] == 4

"""What the demonstration leaves out, and what it refuses."""

import socket
import ssl
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from rich.console import Console

from aeropartners.arranque.cli import demo
from aeropartners.arranque.sistemas import SERVICIOS
from aeropartners.seedwork.infraestructura.base.archivos_privados import uno_solo
from tests.puertos import puerto_libre
from tests.servicios import sin_servicios

CLI = (sys.executable, "-c", "from aeropartners.arranque.cli import principal; principal()")


@pytest.fixture
def entorno(tmp_path: Path) -> dict[str, str]:
    """Every port free, and a folder of data."""
    puertos = {servicio.variables[0]: str(puerto_libre()) for servicio in SERVICIOS.values()}
    return {**sin_servicios(), **puertos, "AEROPARTNERS_DATOS": str(tmp_path / "datos")}


def demostrar(entorno: dict[str, str], *opciones: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    orden = [*CLI, "demo", "--una-vez", *opciones]
    return subprocess.run(orden, env=entorno, capture_output=True, text=True, timeout=120, check=False)


def test_un_puerto_tomado_deja_fuera_a_su_sistema(entorno: dict[str, str]) -> None:
    """It is named with its variable, and the others run; with none left nothing starts."""
    with socket.socket() as tomado:
        tomado.bind(("127.0.0.1", int(entorno["PUERTO_PARTNERS_ALIANZAS"])))
        tomado.listen()
        hecho = demostrar(entorno)
        assert hecho.returncode == 0, hecho.stderr
        assert "partners se queda fuera: " in hecho.stderr
        assert "PUERTO_PARTNERS_ALIANZAS" in hecho.stderr
        assert "COMPLETADA" in hecho.stdout
        assert "completed" not in hecho.stdout
        solo = demostrar(entorno, "--sistema", "partners")
        assert (solo.returncode, "No queda ningún sistema" in solo.stderr) == (1, True)


def test_dos_en_una_carpeta(entorno: dict[str, str]) -> None:
    """The second is told, whatever ports it has; the lock of a dead one holds nobody up."""
    carpeta = Path(entorno["AEROPARTNERS_DATOS"])
    carpeta.mkdir(mode=0o700)
    with uno_solo(carpeta):
        hecho = demostrar(entorno, "--sistema", "campanas")
    assert (hecho.returncode, f"otro proceso trabaja en {carpeta}" in hecho.stderr) == (1, True)
    assert demostrar(entorno, "--sistema", "campanas").returncode == 0


def test_un_sistema_que_falla_no_calla_a_los_demas(capsys: pytest.CaptureFixture[str]) -> None:
    """One whose door answers 500 is named; the next one is shown, and the whole is not as expected."""
    vistos = []

    def rota(cliente: httpx.Client, _consola: Console) -> bool:
        cliente.get("/nada").raise_for_status()
        return True

    def sana(_cliente: httpx.Client, _consola: Console) -> bool:
        vistos.append("sana")
        return True

    servidor: Any = SimpleNamespace(url="http://127.0.0.1:9", puerto=9, variable="X", empezar=lambda: None)
    sistemas: Any = [
        SimpleNamespace(nombre=nombre, puerta="puerta", servicios=(), demostracion=muestra)
        for nombre, muestra in (("rota", rota), ("sana", sana))
    ]
    bien = demo.mostrar(
        sistemas, {"puerta": servidor, "operador": servidor}, {}, ssl.create_default_context()
    )
    assert (bien, vistos) == (False, ["sana"])
    assert "rota: " in capsys.readouterr().out

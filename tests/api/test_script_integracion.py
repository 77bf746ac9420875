"""scripts/test_saga_integration.py against the embedded system on real ports, and against nobody."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from aeropartners.arranque.http.servidores import Servidor
from tests.api.mandos import puerto_libre
from tests.api.sistema import levantar

GUION = Path(__file__).parents[2] / "scripts" / "test_saga_integration.py"


@pytest.fixture
def direcciones(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The three services on ports of their own."""
    with levantar(tmp_path) as s, ExitStack() as pila:
        apps = {"orquestador": s.sagas_partners, "integraciones": s.integraciones, "alianzas": s.alianzas}
        urls = {}
        for nombre, cliente in apps.items():
            servidor = Servidor(cliente.application, "127.0.0.1", puerto_libre(), "PORT")
            servidor.empezar()
            pila.callback(servidor.parar)
            urls[nombre] = servidor.url
        yield urls


def correr(urls: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run the script."""
    opciones = [parte for nombre, url in urls.items() for parte in (f"--{nombre}", url)]
    orden = [sys.executable, str(GUION), *opciones, "--espera", "30"]
    return subprocess.run(orden, capture_output=True, text=True, timeout=120, check=False)


def test_todo_pasa(direcciones: dict[str, str]) -> None:
    """Against a system that works it exits with 0."""
    hecho = correr(direcciones)
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr
    assert hecho.stdout.splitlines()[-1] == "6/6 tests passed"


def test_lo_que_falta_se_dice(direcciones: dict[str, str]) -> None:
    """With the alliances at a wrong address it says which tests failed, and exits with 1."""
    hecho = correr(direcciones | {"alianzas": f"http://127.0.0.1:{puerto_libre()}"})
    assert hecho.returncode == 1
    assert hecho.stdout.splitlines()[-1] == "3/6 tests passed"
    assert hecho.stdout.count("FALLÓ") == 3

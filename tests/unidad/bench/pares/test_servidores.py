"""The server of a peer: it is waited for, it ends with its run, and its database goes with the run's own."""

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bench.pares import servidores
from bench.pares.filas import SinCifra

ESCUCHA = """
import socket, sys, time
zocalo = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("escucho", flush=True)
time.sleep(600)
"""


def puerto_libre() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as zocalo:
        return int(zocalo.getsockname()[1])


@pytest.fixture
def arrancados(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that were started."""
    todos: list[subprocess.Popen[bytes]] = []
    abrir: Callable[..., subprocess.Popen[bytes]] = subprocess.Popen

    def anotar(*orden: Any, **opciones: Any) -> subprocess.Popen[bytes]:
        todos.append(abrir(*orden, **opciones))
        return todos[-1]

    monkeypatch.setattr(subprocess, "Popen", anotar)
    return todos


def test_se_espera_a_que_escuche_y_acaba_con_el_bloque(
    tmp_path: Path, arrancados: list[subprocess.Popen[bytes]]
) -> None:
    """Inside the block the server listens; after it, its process has ended."""
    puerto = puerto_libre()
    orden = [sys.executable, "-c", ESCUCHA, str(puerto)]
    with servidores.en_marcha("DTM", orden, puerto, tmp_path / "registro.log"):
        socket.create_connection(("127.0.0.1", puerto)).close()
    assert arrancados[0].returncode is not None


def test_el_que_no_arranca_dice_por_que(tmp_path: Path) -> None:
    """A server that ends at once leaves the run without a figure, and its log is shown."""
    orden = [sys.executable, "-c", "import sys; sys.exit('falta la base')"]
    with (
        pytest.raises(SinCifra, match="DTM no arrancó\nfalta la base"),
        servidores.en_marcha("DTM", orden, puerto_libre(), tmp_path / "registro.log"),
    ):
        pass


def test_el_que_no_escucha_no_se_queda(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arrancados: list[subprocess.Popen[bytes]]
) -> None:
    """A server that never listens is ended, and there is no figure."""
    monkeypatch.setattr(servidores, "ARRANQUE", 0.2)
    orden = [sys.executable, "-c", "import time; time.sleep(600)"]
    with (
        pytest.raises(SinCifra, match="no arrancó"),
        servidores.en_marcha("DTM", orden, puerto_libre(), tmp_path / "registro.log"),
    ):
        pass
    assert arrancados[0].returncode is not None


def test_la_base_del_servidor_empieza_como_la_de_la_corrida() -> None:
    """So `corrida` finds and drops it, even when the program was killed."""
    assert (
        servidores.base_vecina("postgresql://yo@servidor/par_dtm_1?sslmode=disable", "dtm") == "par_dtm_1_dtm"
    )

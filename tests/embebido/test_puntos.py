"""SIGKILL at each named point of the embedded system: the next process ends every saga, each effect once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SAGAS = 5
# What only SQLite and the embedded broker can get wrong, each with its own file: their commit and their
# confirmation, the calls and timers between two of their transactions, and what is on its way to the
# broker. All other points are code that tests/simulacion and tests/e2e kill at.
CAMPANAS = (
    *("campanas.tras_commit", "campanas.confirmar"),
    *(f"pagos.llamador.{punto}" for punto in ("marcar", "llamar", "registrar", "confirmar")),
    *(f"saga-orchestrator.vigilante.{punto}" for punto in ("vencido", "despertado")),
    "campanas.vigilante.reintento",
    *("publicador.publicar", "publicador.publicado", "relevo.publicar", "relevo.publicado"),
)
PARTNERS = ("relevo.publicar", "relevo.publicado")
# What the publisher left behind is the relay's.
ANTES = {"relevo.publicar": "publicador.publicar", "relevo.publicado": "publicador.publicar"}


CARGAS = {"carga": CAMPANAS, "carga_partners": PARTNERS}


def cargar(carpeta: Path, carga: str, punto: str = "") -> int:
    """Run the load in a process, armed or not; return its exit code."""
    orden = [sys.executable, "-m", f"tests.embebido.{carga}", str(SAGAS)]
    propio = {
        "AEROPARTNERS_DATOS": str(carpeta),
        "PULSAR_URL": "",
        "DATABASE_URL": "",
        "PUNTO_DE_CHOQUE": punto,
    }
    hecho = subprocess.run(orden, env={**os.environ, **propio}, timeout=300, capture_output=True, check=False)
    if hecho.returncode not in (0, -signal.SIGKILL):
        raise AssertionError(hecho.stdout.decode()[-3000:] + hecho.stderr.decode()[-3000:])
    return hecho.returncode


@pytest.mark.choque
@pytest.mark.parametrize(("carga", "punto"), [(c, punto) for c, suyos in CARGAS.items() for punto in suyos])
def test_muere_en_el_punto(tmp_path: Path, carga: str, punto: str) -> None:
    """The process dies at the point, and the next one leaves everything as if it had not."""
    for armado in (ANTES.get(punto), punto):
        if armado:
            assert cargar(tmp_path, carga, armado) == -signal.SIGKILL, f"nadie pasó por {armado}"
    assert cargar(tmp_path, carga) == 0

"""The log is written by one writer: a line of JSON an event, whoever logs, and whatever is in it."""

import json
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner

from aeropartners.arranque import sistemas
from aeropartners.arranque.ajustes.valores import JSON, TEXTO
from aeropartners.arranque.cli import principal
from aeropartners.arranque.proceso import registro

# A file of its own: `configurar` takes standard error as it is when it is called.
PROGRAMA = """
import logging, sys, threading, warnings
import structlog
from aeropartners.arranque.proceso import registro
registro.configurar(secretos=["secreto-de-la-base"], formato=sys.argv[2])
log = structlog.get_logger("x")
malo = sys.argv[1].encode().decode("unicode_escape")
log.info("▶️  uno", ruta=malo, **{malo: malo})
logging.getLogger("waitress").error("Exception while serving %s", malo)
logging.getLogger("ajena").info("nadie lee esto")
warnings.warn(malo)
try:
    raise ValueError(malo)
except ValueError:
    logging.getLogger("ajena").exception("falló")
def morir():
    raise ValueError(malo)
hilo = threading.Thread(target=morir, name="h")
hilo.start(); hilo.join()
log.error("grave\\n" + malo, medio="\\ud800", clave="secreto-de-la-base", pago="a@correo.example.com")
try:
    raise ValueError("secreto-de-la-base")
except ValueError:
    log.info("con traza", exc_info=True, campo=1)
log.info("  📦 Reservados 2 de producto 1: secreto-de-la-base", saga_id="x", medio="\\ud800", objeto=object())
"""
MALO = r"/saga/\x00\n{\"event\":\"FALSO\"}\r\x1b[2J\x9b\u202e\u2028\x7f"


def lineas(formato: str) -> list[str]:
    """Return what a process that meets all of it writes: printable lines, and no secret."""
    orden = [sys.executable, "-c", PROGRAMA, MALO, formato]
    hecho = subprocess.run(orden, capture_output=True, text=True, check=True, timeout=60)
    assert hecho.stdout == ""
    escritas = hecho.stderr.split("\n")[:-1]
    # The emoji of a contract's line are printable; nothing that moves a cursor, hides or turns text is left.
    assert [c for linea in escritas for c in linea if not c.isprintable()] == []
    assert not any(secreto in hecho.stderr for secreto in ("secreto-de-la-base", "correo.example.com"))
    return escritas


def test_cada_linea_es_un_suceso() -> None:
    """Of ours, of libraries, of warnings, of a thread that dies: none in plain text, and none forged."""
    sucesos = [json.loads(linea) for linea in lineas(JSON)]
    malo = MALO.encode().decode("unicode_escape")
    assert [suceso["event"] for suceso in sucesos] == [
        *("▶️  uno", "biblioteca", "advertencia", "biblioteca", "hilo_muerto", f"grave\n{malo}", "con traza"),
        "  📦 Reservados 2 de producto 1: ***",
    ]
    assert sucesos[0]["ruta"] == malo
    assert sucesos[1]["texto"] == f"Exception while serving {malo}"


def test_una_linea_de_texto_es_su_nivel_y_su_texto() -> None:
    """INFO alone, to the letter; the fields of the rest and every exception follow, on the same line."""
    uno, servida, advertida, de_excepcion, muerto, grave, con_traza, reservados = lineas(TEXTO)
    assert uno == "INFO: ▶️  uno"
    assert reservados == "INFO:   📦 Reservados 2 de producto 1: ***"
    assert servida.startswith('ERROR: biblioteca logger="waitress" texto="Exception while serving /saga/\\u')
    assert advertida.startswith('WARNING: advertencia clase="UserWarning" texto="/saga/')
    assert con_traza.startswith('INFO: con traza exception="Traceback')
    assert "campo" not in con_traza
    for linea in (de_excepcion, muerto, con_traza):
        assert re.search(r'exception="Traceback.*\\nValueError: ', linea)
    assert grave.startswith(r"ERROR: grave\n/saga/\x00\n{")
    assert re.search(r' medio="\\ud800" clave="\*\*\*" pago="\*\*\*" timestamp="20', grave)


def test_configurar_dos_veces_es_una(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command sets the log up twice, the second time with its secrets: nothing is written twice."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    for _ in range(2):
        registro.configurar()
    assert sum(isinstance(h, registro.DeBibliotecas) for h in logging.getLogger().handlers) == 1
    assert structlog.is_configured()


SERVIR, DEMO = ("servir", "campanas"), ("demo", "--sistema", "campanas")


@pytest.mark.parametrize(
    ("mando", "puesta", "formato"),
    [
        (SERVIR, "", TEXTO),
        (("servir", "campanas.bff"), "", TEXTO),
        (SERVIR, JSON, JSON),
        (("servir", "partners"), "", JSON),
        (("servir", "partners"), TEXTO, TEXTO),
        (("servir", "operador"), "", JSON),
        (DEMO, "", TEXTO),
        (("demo",), "", JSON),
        (("retencion",), "", JSON),
    ],
)
def test_el_formato_es_el_del_sistema_que_se_sirve_solo(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mando: tuple[str, ...], puesta: str, formato: str
) -> None:
    """Unless LOG_FORMATO says another one; several systems, and none, have JSON."""
    dichos: list[str] = []

    def configurar(_nivel: int = 0, _secretos: Sequence[str] = (), formato: str = JSON) -> None:
        dichos.append(formato)

    monkeypatch.setattr(registro, "configurar", configurar)
    campanas, *demas = sistemas.SISTEMAS
    monkeypatch.setattr(sistemas, "SISTEMAS", (replace(campanas, formato_de_log=TEXTO), *demas))
    # Each command ends when it sees where its broker is, or that it has no database.
    broker = "pulsar://127.0.0.1:9" if mando[0] == "demo" else ""
    donde = {"PULSAR_URL": broker, "DATABASE_URL": "", "AEROPARTNERS_DATOS": str(tmp_path)}
    assert CliRunner().invoke(principal, mando, env={"LOG_FORMATO": puesta, **donde}).exit_code == 1
    assert dichos[1:] == [formato]

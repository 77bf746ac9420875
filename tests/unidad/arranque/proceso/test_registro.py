"""The log is written by one writer: a line of JSON an event, whoever logs, and whatever is in it."""

import json
import logging
import subprocess
import sys
import threading

import pytest
import structlog

from aeropartners.arranque.proceso import registro

# A file of its own: `configurar` takes standard error as it is when it is called.
PROGRAMA = """
import logging, sys, threading, warnings
import structlog
from aeropartners.arranque.proceso import registro
registro.configurar()
log = structlog.get_logger("x")
malo = sys.argv[1].encode().decode("unicode_escape")
log.info("uno", ruta=malo, **{malo: malo})
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
log.info("fin", medio="\\ud800", objeto=object())
"""
MALO = r"/saga/\x00\n{\"event\":\"FALSO\"}\r\x1b[2J\x9b\u202e\u2028\x7f"


@pytest.fixture
def lineas() -> list[str]:
    """What a process that meets all of it writes."""
    hecho = subprocess.run(
        [sys.executable, "-c", PROGRAMA, MALO], capture_output=True, text=True, check=True, timeout=60
    )
    assert hecho.stdout == ""
    return hecho.stderr.split("\n")[:-1]


def test_cada_linea_es_un_suceso(lineas: list[str]) -> None:
    """Of ours, of libraries, of warnings, of a thread that dies: none in plain text, and none forged."""
    sucesos = [json.loads(linea)["event"] for linea in lineas]
    assert sucesos == ["uno", "biblioteca", "advertencia", "biblioteca", "hilo_muerto", "fin"]
    malo = MALO.encode().decode("unicode_escape")
    assert json.loads(lineas[0])["ruta"] == malo
    assert json.loads(lineas[1])["texto"] == f"Exception while serving {malo}"
    assert [c for linea in lineas for c in linea if not c.isprintable()] == []


def test_configurar_dos_veces_es_una(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command sets the log up twice, the second time with its secrets: nothing is written twice."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    for _ in range(2):
        registro.configurar()
    assert sum(isinstance(h, registro.DeBibliotecas) for h in logging.getLogger().handlers) == 1
    assert structlog.is_configured()

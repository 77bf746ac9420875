"""What every run shares: the seed of its random tests, the order of its files, the seconds of its folders."""

import logging
import os
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Iterator
from random import SystemRandom

import pytest
import structlog

SEMILLA = "HOSTIL_SEMILLA"
# The files in the order in which workers begin them. While one kills the services the others do what needs
# none; then what takes longest, and short files last, so that no processor is idle at the end.
ORDEN = (
    "e2e/test_caos.py",
    *("embebido/", "simulacion/", "seguridad/", "api/", "saga/", "unidad/", "arquitectura/", "contratos/"),
    *("e2e/test_puntos.py", "e2e/test_fallas.py", "e2e/test_puntos_partners.py", "e2e/"),
    *("hostil/", "conformidad/"),
)


class Tiempos:
    """Counts the tests that ran, and their seconds, by folder; those of all workers together."""

    def __init__(self) -> None:
        self.segundos: Counter[str] = Counter()
        self.pruebas: Counter[str] = Counter()
        self.reales = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add one phase of one test."""
        donde = carpeta(report.nodeid)
        self.segundos[donde] += report.duration
        if report.when == "call" and report.passed:
            self.pruebas[donde] += 1
            self.reales += "servicios" in report.keywords

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table, and what repeats the random tests."""
        terminalreporter.section("carpetas")
        for donde, segundos in self.segundos.most_common():
            terminalreporter.write_line(f"{segundos:8.1f} s {self.pruebas[donde]:6} {donde}")
        total, cuantas = self.segundos.total(), self.pruebas.total()
        terminalreporter.write_line(
            f"{total:8.1f} s {cuantas:6} en todas, {self.reales} sobre servicios reales;"
            f" {SEMILLA}={os.environ[SEMILLA]}"
        )


def pytest_configure(config: pytest.Config) -> None:
    """Draw the seed of this run, unless it was given; the workers inherit it with the environment."""
    os.environ.setdefault(SEMILLA, str(SystemRandom().randrange(1, 100_000)))
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Tiempos(), "tiempos")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files in ORDEN."""
    items.sort(key=lambda item: turno(item.nodeid))


def turno(nodeid: str) -> int:
    """Return the place of a test's file in ORDEN, or the one after all of them."""
    lugares = (i for i, archivo in enumerate(ORDEN) if nodeid.startswith(f"tests/{archivo}"))
    return next(lugares, len(ORDEN))


def carpeta(nodeid: str) -> str:
    """Return the folder of `tests` that a test belongs to."""
    partes = nodeid.partition("::")[0].split("/")
    return partes[1] if len(partes) > 2 else "tests"


@pytest.fixture(autouse=True)
def registro_propio(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The log of what a test runs is no part of a command's answer; how a test sets it up ends with it."""
    configurar = structlog.configure
    # A logger that is kept would write as the first command said, for all tests after it.
    monkeypatch.setattr(
        structlog, "configure", lambda **como: configurar(**como | {"cache_logger_on_first_use": False})
    )
    # As a process does: an orchestrator in this one would write where a command's answer is read.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))
    for de_todos, nombre in ((warnings, "showwarning"), (threading, "excepthook")):
        monkeypatch.setattr(de_todos, nombre, getattr(de_todos, nombre))
    yield
    raiz = logging.getLogger()
    raiz.handlers = [h for h in raiz.handlers if type(h).__name__ != "DeBibliotecas"]
    structlog.reset_defaults()

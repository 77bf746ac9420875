"""A process that starts while its database or broker starts as well waits for it."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from arranque.config import leer
from arranque.contenedor import Contenedor
from arranque.procesos import Proceso

FALLOS = [
    OperationalError("SELECT 1", {}, Exception("the database system is starting up")),
    httpx.ConnectError("connection refused"),
    httpx.HTTPStatusError("503", request=httpx.Request("GET", "http://p"), response=httpx.Response(503)),
]


@pytest.fixture
def proceso(tmp_path: Path) -> Proceso:
    return Proceso(Contenedor(config=leer({"AEROPARTNERS_DATOS": str(tmp_path)})))


def test_espera_a_que_contesten(proceso: Proceso, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind of silence is waited out."""
    pendientes = list(FALLOS)

    def comprobar() -> None:
        if pendientes:
            raise pendientes.pop()

    monkeypatch.setattr(proceso, "comprobar", comprobar)
    proceso.esperar()
    assert not pendientes


def test_lo_que_falta_se_dice(proceso: Proceso) -> None:
    """A database that answers, but was never migrated, is no silence."""
    with pytest.raises(RuntimeError, match="aeropartners migrar"):
        proceso.esperar()

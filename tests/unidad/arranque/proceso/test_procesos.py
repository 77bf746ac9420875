"""A process that starts while its database or broker starts as well waits for it."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy.exc import OperationalError

from aeropartners.arranque.cli import principal
from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.procesos import SAGA, TEMAS_S, Proceso, SinMigrar
from aeropartners.seedwork.aplicacion.puertos import Bloqueado, ConexionPerdida
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import TemasIncompletos
from aeropartners.seedwork.infraestructura.operacion.procesos import ProcesosSQL

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
    pendientes = [*FALLOS, TemasIncompletos("pagos-events no tiene ['campaigns-failover']")]

    def comprobar() -> None:
        if pendientes:
            raise pendientes.pop()

    monkeypatch.setattr(proceso, "comprobar", comprobar)
    proceso.esperar()
    assert not pendientes


def test_una_base_que_se_va_al_presentarse_se_espera(
    proceso: Proceso, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answered, and is gone when the process writes its own row: no reason to leave."""
    proceso.migrar()
    proceso.anadir_modulos([SAGA])
    escribir, idas = ProcesosSQL.anotar, [ConexionPerdida("connection refused"), Bloqueado("lock timeout")]

    def anotar(*argumentos: Any) -> Any:
        if idas:
            raise idas.pop()
        return escribir(*argumentos)

    monkeypatch.setattr(ProcesosSQL, "anotar", anotar)
    proceso.empezar("orquestador")
    assert not idas
    assert [v.servicio for v in proceso.c.padron().vivos()] == ["orquestador"]
    assert proceso.parar()


def test_lo_que_falta_se_dice(proceso: Proceso) -> None:
    """A database that answers, but was never migrated, is no silence."""
    with pytest.raises(SinMigrar, match="aeropartners migrar"):
        proceso.esperar()


def test_lo_que_falta_al_broker_se_cree_si_lo_repite(
    proceso: Proceso, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its subscriptions may not be loaded yet; when they are still not there after a while, they are not."""
    pausas: list[float] = []

    def comprobar() -> None:
        raise TemasIncompletos("pagos-events no tiene ['campaigns-failover']: ejecute `aeropartners migrar`")

    monkeypatch.setattr(proceso, "comprobar", comprobar)
    monkeypatch.setattr("aeropartners.arranque.proceso.procesos.time.sleep", pausas.append)
    with pytest.raises(TemasIncompletos, match="aeropartners migrar"):
        proceso.esperar()
    assert TEMAS_S <= sum(pausas) < 2 * TEMAS_S


def test_sin_migrar_se_dice_en_una_linea(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`servir` ends with it, without a traceback."""
    entorno = {
        "AEROPARTNERS_DATOS": str(tmp_path),
        "DATABASE_URL": None,
        "PULSAR_URL": "pulsar://127.0.0.1:1",
    }
    hecho = CliRunner().invoke(principal, ["servir", "orquestador"], env=entorno)
    assert (hecho.exit_code, "Error: La base de datos no está al día" in hecho.output) == (1, True), (
        hecho.output
    )

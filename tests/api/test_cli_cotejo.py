"""`aeropartners auditar` on the embedded system: what it prints, its exit codes, its mark."""

import json
import logging
import os
import re
import signal
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result
from sqlalchemy import text

from aeropartners.arranque.cli import principal
from aeropartners.seedwork.infraestructura.base.motor import Motor
from saga_orchestrator.cotejo.infraestructura.archivo import ArchivoJson, MarcaIlegible
from tests.api.mandos import puerto_libre
from tests.api.sistema import levantar
from tests.datos import cuerpo_de_saga
from tests.esperas import hasta

SAGAS = 2


@pytest.fixture(scope="module")
def carpeta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The data of a system in which sagas ended."""
    carpeta = tmp_path_factory.mktemp("auditar")
    with levantar(carpeta) as sistema:
        for _ in range(SAGAS):
            cuerpo = cuerpo_de_saga(f"ref-{uuid.uuid4()}")
            sistema.final(sistema.bff.post("/saga/crear-campana-completa", json=cuerpo).get_json()["saga_id"])
    return carpeta


def auditar(carpeta: Path, *opciones: str, **propio: str) -> Result:
    """Run it; what is two seconds old is judged."""
    entorno = {"AEROPARTNERS_DATOS": str(carpeta), "DATABASE_URL": None, "PULSAR_URL": None, **propio}
    return CliRunner().invoke(principal, ["auditar", "--reposo", "1", *opciones], env=entorno)


def test_limpio(carpeta: Path) -> None:
    """Exit code 0 and a statement of the sagas, once they are old enough, their messages and no finding."""
    hecho = hasta(lambda: _con_todas(carpeta), "un parte de todas las sagas")
    assert hecho.exit_code == 0, hecho.output
    assert "0 perdidos, 0 duplicados, 0 huérfanos, 0 atascados" in hecho.output


def _con_todas(carpeta: Path) -> Result | None:
    hecho = auditar(carpeta)
    contadas = sum(int(n) for n in re.findall(r"(\d+) SAGAs", hecho.output))
    return hecho if contadas == SAGAS else None


def test_con_hallazgos(carpeta: Path) -> None:
    """Exit code 1, and in JSON the saga, the message and the command that repairs it."""
    motor = Motor(f"sqlite:///{carpeta / 'aeropartners.db'}")
    with motor.escritura() as con:
        id = con.execute(text("SELECT id FROM sagas LIMIT 1")).scalar_one()
        con.execute(text(f"UPDATE sagas SET version = 3 WHERE id = '{id}'"))
        con.commit()
    hecho = auditar(carpeta, "--json")
    assert hecho.exit_code == 1, hecho.output
    [hallazgo] = [h for parte in json.loads(hecho.stdout) for h in parte["hallazgos"]]
    assert (hallazgo["clase"], hallazgo["saga_id"]) == ("PERDIDO", id)
    assert hallazgo["repara"] == f"aeropartners saga reconstruir {id}"
    reparado = hallazgo["repara"].split()[1:]
    entorno = {"AEROPARTNERS_DATOS": str(carpeta), "DATABASE_URL": None, "PULSAR_URL": None}
    assert CliRunner().invoke(principal, reparado, env=entorno).exit_code == 0
    assert auditar(carpeta).exit_code == 0


def test_sin_poder_empezar(carpeta: Path, tmp_path: Path) -> None:
    """Exit code 2, never that of a finding: a wrong configuration, certificates that are none, a port in use.

    Nor is anything left of it in this process.
    """
    senales, prioridad = signal.getsignal(signal.SIGTERM), os.getpriority(os.PRIO_PROCESS, 0)
    assert auditar(carpeta, GATEWAY_LATENCY_S="mucha").exit_code == 2
    with socket.create_server(("127.0.0.1", 0)) as ocupado:
        hecho = auditar(carpeta, "--continuo", PORT=str(ocupado.getsockname()[1]))
    assert hecho.exit_code == 2, hecho.output
    assert "PUERTO_AUDITOR" in hecho.output
    papel = tmp_path / "papel.pem"
    papel.write_text("ni certificado ni llave")
    tls = {"TLS_CERT_FILE": str(papel), "TLS_KEY_FILE": str(papel), "PORT": str(puerto_libre())}
    assert auditar(carpeta, "--continuo", **tls).exit_code == 2
    assert (signal.getsignal(signal.SIGTERM), os.getpriority(os.PRIO_PROCESS, 0)) == (senales, prioridad)


@pytest.mark.parametrize(("debug", "nivel"), [("1", logging.DEBUG), ("0", logging.INFO)])
def test_debug(carpeta: Path, debug: str, nivel: int) -> None:
    """DEBUG is the level of the logs of whatever is run."""
    assert auditar(carpeta, DEBUG=debug).exit_code == 0
    assert structlog.get_config()["wrapper_class"] is structlog.make_filtering_bound_logger(nivel)


def test_sin_auditar(carpeta: Path, tmp_path: Path) -> None:
    """Exit code 2 when the mark is none, or the tables are not there; said in JSON when asked for."""
    mala = tmp_path / "mala.json"
    mala.write_text("{}")
    for hecho in (auditar(carpeta, "--marca", str(mala), "--json"), auditar(tmp_path, "--json")):
        assert hecho.exit_code == 2, hecho.output
        assert json.loads(hecho.stdout)["error"]


def test_la_marca_sigue_por_donde_iba(carpeta: Path, tmp_path: Path) -> None:
    """The second run with a mark reads nothing again."""
    marca = str(tmp_path / "marca.json")
    sagas = [
        sum(parte["sagas"] for parte in json.loads(auditar(carpeta, "--marca", marca, "--json").stdout))
        for _ in range(2)
    ]
    assert sagas == [SAGAS, 0]


def test_una_marca_a_medias_no_sustituye_a_la_buena(tmp_path: Path) -> None:
    """What a crash left beside the file is not read; a file that is none is said."""
    archivo = ArchivoJson(tmp_path / "marca.json")
    marca, _, _ = archivo.leer()
    marca.sagas = (7, 9)
    archivo.guardar(marca, [], ["una"])
    (tmp_path / "marca.json.nuevo").write_text("{")
    assert archivo.leer() == (marca, [], ["una"])
    (tmp_path / "marca.json").write_text("{")
    with pytest.raises(MarcaIlegible):
        archivo.leer()

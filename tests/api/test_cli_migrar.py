"""`aeropartners migrar` where a service does not answer: said in a line, which names the variable."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from aeropartners.arranque.cli import principal
from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.procesos import Proceso, SinMigrar
from tests.api.mandos import puerto_libre

NADIE = f"127.0.0.1:{puerto_libre()}"
SIN_BASE = {"DATABASE_URL": f"postgresql://app:contrasena-1@{NADIE}/aeropartners"}
SIN_BROKER = {"PULSAR_URL": f"pulsar://{NADIE}", "PULSAR_ADMIN_URL": f"http://{NADIE}", "DATABASE_URL": None}


@pytest.mark.parametrize(
    ("entorno", "variable"), [(SIN_BASE, "DATABASE_URL"), (SIN_BROKER, "PULSAR_ADMIN_URL")]
)
def test_sin_servicio(tmp_path: Path, entorno: dict[str, str | None], variable: str) -> None:
    """Exit code 1, and no traceback."""
    hecho = CliRunner().invoke(principal, ["migrar"], env={**entorno, "AEROPARTNERS_DATOS": str(tmp_path)})
    assert (hecho.exit_code, hecho.output.startswith(f"Error: {variable}: ")) == (1, True), hecho.output
    assert "contrasena" not in hecho.output


def _mas_nueva(carpeta: Path, minimo: str) -> dict[str, str | None]:
    """A migrated folder that a newer release has migrated on, which lets code from `minimo` on work."""
    entorno = {"AEROPARTNERS_DATOS": str(carpeta), "DATABASE_URL": None, "PULSAR_URL": None}
    assert CliRunner().invoke(principal, ["migrar"], env=entorno).exit_code == 0
    with Proceso(Contenedor(config=leer({"AEROPARTNERS_DATOS": str(carpeta)}))).c.motor().escritura() as con:
        con.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        con.execute(text("UPDATE esquema SET minimo = :minimo"), {"minimo": minimo})
        con.commit()
    return entorno


def test_sobre_un_esquema_mas_nuevo_que_nos_admite(tmp_path: Path) -> None:
    """It is left as it is, which is said, and a process starts on it."""
    entorno = _mas_nueva(tmp_path, "0001")
    hecho = CliRunner().invoke(principal, ["migrar"], env=entorno)
    assert hecho.exit_code == 0, hecho.output
    assert "9999" in hecho.output
    assert "Traceback" not in hecho.output
    Proceso(Contenedor(config=leer({"AEROPARTNERS_DATOS": str(tmp_path)}))).comprobar()


def test_sobre_un_esquema_mas_nuevo_que_ya_no_nos_admite(tmp_path: Path) -> None:
    """Exit code 1 in a line, and a process that starts says the same."""
    entorno = _mas_nueva(tmp_path, "9000")
    hecho = CliRunner().invoke(principal, ["migrar"], env=entorno)
    assert (hecho.exit_code, hecho.output.startswith("Error: El esquema 9999")) == (1, True), hecho.output
    with pytest.raises(SinMigrar, match="Instale una versión más nueva"):
        Proceso(Contenedor(config=leer({"AEROPARTNERS_DATOS": str(tmp_path)}))).comprobar()

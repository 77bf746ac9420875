"""`aeropartners migrar` where a service does not answer: said in a line, which names the variable."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from arranque.cli import principal
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

"""A service that dies while it starts is noticed at once, with what it said."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.puertos import puerto_libre
from tests.servicios import RAIZ


def guion(ruta: Path, texto: str) -> None:
    """An executable shell script."""
    ruta.parent.mkdir(parents=True, exist_ok=True)
    ruta.write_text(f"#!/bin/sh\n{texto}\n")
    ruta.chmod(0o755)


@pytest.mark.parametrize("tras_una_muerte", [False, True])
def test_un_pulsar_que_muere_al_arrancar(tmp_path: Path, tras_una_muerte: bool) -> None:
    """Exit code 1 and the end of its log at once; also while it is healed after a kill -9."""
    distribucion = tmp_path / "cache" / "apache-pulsar-4.0.8"
    guion(distribucion / "bin" / "pulsar", 'echo "no hay sitio en el disco"; exit 3')
    (distribucion / "conf").mkdir()
    (distribucion / "conf" / "standalone.conf").write_text("")
    guion(tmp_path / "bin" / "java", "echo 'openjdk version \"17.0.1\"' >&2")
    if tras_una_muerte:
        (tmp_path / "pulsar").mkdir()
        (tmp_path / "pulsar" / "en_uso").touch()
    puertos = ("PULSAR", "PULSAR_ADMIN")
    variables = {f"SERVICIOS_PUERTO_{nombre}": str(puerto_libre()) for nombre in puertos}
    variables |= {"SERVICIOS_PUERTO_BOOKIE": str(puerto_libre()), "SERVICIOS_DIR": str(tmp_path)}
    variables |= {"AEROPARTNERS_CACHE": str(tmp_path / "cache")}
    variables["PATH"] = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    orden = [sys.executable, "infra/servicios", "arriba", "pulsar"]
    hecho = subprocess.run(
        orden, cwd=RAIZ, env={**os.environ, **variables}, capture_output=True, text=True, timeout=60
    )
    assert hecho.returncode == 1
    assert "Pulsar terminó al arrancar" in hecho.stderr
    assert "no hay sitio en el disco" in hecho.stderr

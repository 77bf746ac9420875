"""The PostgreSQL of `make up` asks for a password: this machine has other users."""

import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from tests.puertos import puerto_libre
from tests.servicios import RAIZ, servicio, servicio_propio

pytestmark = pytest.mark.servicios


def entra(url: str) -> bool:
    """Whether it lets in."""
    try:
        psycopg2.connect(url).close()
    except psycopg2.OperationalError as error:
        return "password" not in str(error)
    return True


def test_sin_clave_no_se_entra(tmp_path: Path) -> None:
    """With the one that `entorno` prints only, in a file of its owner's; also a cluster that trusted."""
    puerto = str(puerto_libre())
    propias = {"SERVICIOS_DIR": str(tmp_path / "servicios"), "SERVICIOS_PUERTO_POSTGRES": puerto}
    with servicio_propio("postgres", tmp_path, {"shared_buffers": "32MB"}, SERVICIOS_PUERTO_POSTGRES=puerto):
        clave = tmp_path / "servicios" / "postgres.clave"
        assert clave.stat().st_mode & 0o777 == 0o600
        url = f"postgresql://aeropartners:{clave.read_text()}@127.0.0.1:{puerto}/aeropartners"
        dicho = subprocess.run(
            [sys.executable, "infra/servicios", "entorno", "postgres"],
            cwd=RAIZ, env=propias, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert dicho.stdout == f"export DATABASE_URL={url}\n"
        urls = [url.replace(f":{clave.read_text()}@", otra) for otra in ("@", ":mala@")]
        assert (entra(url), *map(entra, urls)) == (True, False, False)
        with psycopg2.connect(url) as conexion, conexion.cursor() as cursor:
            cursor.execute("SHOW hba_file")
            reglas = Path(str((cursor.fetchone() or ("",))[0]))
        conexion.close()
        reglas.write_text("host all all 127.0.0.1/32 trust\n")
        servicio("abajo", "postgres", **propias)
        servicio("arriba", "postgres", **propias)
        assert (entra(url), *map(entra, urls)) == (True, False, False)

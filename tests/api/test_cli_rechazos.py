"""What a command cannot do it says in words that name what to look at; and it makes nothing by the way."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aeropartners.arranque.cli import principal
from aeropartners.arranque.sistemas import SERVICIOS, SISTEMAS
from tests.api.mandos import puerto_libre
from tests.api.sistema import levantar

NADIE = "127.0.0.1:9"
SIN_NADA = {"DATABASE_URL": None, "PULSAR_URL": None, "BROKER_URL": None}
LOCALES = (
    ["saga", "reconstruir", "--comprobar"],
    ["saga", "reconstruir"],
    ["proyecciones", "reconstruir"],
    ["retencion", "--simular"],
    ["claves", "lista"],
    ["claves", "crear", "--nombre", "x", "--rol", "lector"],
    ["auditar"],
)


def mandar(*orden: str, **entorno: str | None) -> Result:
    """Run a command."""
    return CliRunner().invoke(principal, orden, env={**SIN_NADA, **entorno})


@pytest.mark.parametrize("orden", LOCALES, ids=" ".join)
def test_en_otra_carpeta_no_se_crea_nada(tmp_path: Path, orden: list[str]) -> None:
    """A database made by a question would answer it: the folder is named, and nothing is in it afterwards."""
    dicho = mandar(*orden, AEROPARTNERS_DATOS=str(tmp_path / "no-es"))
    assert dicho.exit_code == (2 if orden == ["auditar"] else 1)
    assert f"AEROPARTNERS_DATOS, DATABASE_URL: no hay una base de datos en {tmp_path}/no-es" in dicho.output
    assert "`aeropartners migrar` la crea" in dicho.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("orden", [*LOCALES, ["migrar"]], ids=" ".join)
def test_una_base_que_no_contesta(orden: list[str]) -> None:
    """The variable and the reason in one line, without the password, and as JSON where that was asked for."""
    url = f"postgresql://app:contrasena-1@{NADIE}/x"
    dicho = mandar(*orden, DATABASE_URL=url)
    assert dicho.exit_code == (2 if orden == ["auditar"] else 1), dicho.output
    assert "Connection refused" in dicho.output
    assert "contrasena" not in dicho.output
    assert dicho.exc_info
    assert dicho.exc_info[0] is SystemExit
    assert set(json.loads(mandar(*orden, "--json", DATABASE_URL=url).stdout)) == {"error"}


def test_una_saga_que_no_existe(tmp_path: Path) -> None:
    """Not a trace."""
    assert mandar("migrar", AEROPARTNERS_DATOS=str(tmp_path)).exit_code == 0
    nada = "01900000-0000-7000-8000-000000000000"
    dicho = mandar("saga", "reconstruir", nada, AEROPARTNERS_DATOS=str(tmp_path))
    assert (dicho.exit_code, dicho.output) == (1, f"Error: SAGA {nada} no encontrada\n")


def test_una_carpeta_abierta_y_ajena(tmp_path: Path) -> None:
    """To close it would break what else is in it; it is refused by the variable's name."""
    abierta = tmp_path / "comun"
    abierta.mkdir()
    abierta.chmod(0o755)
    (abierta / "informe.txt").touch()
    dicho = mandar("migrar", AEROPARTNERS_DATOS=str(abierta))
    assert dicho.exit_code == 1
    assert dicho.output.startswith(f"Error: AEROPARTNERS_DATOS: {abierta}: otros usuarios")


def test_los_datos_son_de_uno_solo(tmp_path: Path) -> None:
    """The folder, the databases and what SQLite keeps beside them while the system runs."""
    datos = tmp_path / "datos"
    datos.mkdir()
    datos.chmod(0o755)
    with levantar(datos):
        modos = {p.name: p.stat().st_mode & 0o777 for p in datos.iterdir()}
    assert datos.stat().st_mode & 0o777 == 0o700
    assert {f"{n}{a}" for n in ("aeropartners.db", "broker.db") for a in ("", "-wal", "-shm")} == set(modos)
    assert set(modos.values()) == {0o600}


@pytest.mark.parametrize(
    "datos", [b"{", b"[1]", b"[" * 100_000, b"\xff"], ids=["a medias", "lista", "sin fin", "sin UTF-8"]
)
def test_unos_datos_rotos(tmp_path: Path, datos: bytes) -> None:
    """A file that is no JSON object is refused by the option's name."""
    archivo = tmp_path / "datos.json"
    archivo.write_bytes(datos)
    dicho = mandar("simular", "definicion", "CREAR_CAMPANA_COMPLETA", "--datos", str(archivo))
    assert dicho.exit_code == 2, dicho.output
    assert "--datos" in dicho.output


@pytest.mark.parametrize("host", ["10.255.255.254", "no.existe.invalid"])
def test_una_direccion_que_no_es_de_aqui(tmp_path: Path, host: str) -> None:
    """No port is taken, and none is said to be: the variable is HOST."""
    entorno = {"HOST": host, "PERMITIR_SIN_CLAVE": "1", "AEROPARTNERS_DATOS": str(tmp_path)}
    dicho = mandar("demo", "--una-vez", **entorno)
    assert dicho.exit_code == 1
    assert f"HOST='{host}' no es una dirección de esta máquina" in dicho.output


def test_lo_que_se_demuestra_en_una_tuberia(tmp_path: Path) -> None:
    """Each table in lines of its own: nothing is glued to the end of another, and no cursor moves."""
    puertos = _puertos()
    entorno = {k: v for k, v in os.environ.items() if k not in SIN_NADA}
    orden = [
        sys.executable,
        "-c",
        "from aeropartners.arranque.cli import principal; principal()",
        "demo",
        "--una-vez",
    ]
    hecho = subprocess.run(
        orden,
        env={**entorno, **puertos, "AEROPARTNERS_DATOS": str(tmp_path / "d"), "GATEWAY_LATENCY_S": "0"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr
    assert "\x1b" not in hecho.stdout
    lineas = [linea.strip() for linea in hecho.stdout.splitlines()]
    assert sum(linea.startswith("SAGA ") for linea in lineas) == 2 * len(SISTEMAS)
    assert not [linea for linea in lineas if "SAGA " in linea[1:]]
    assert lineas[-2].startswith("todas terminaron como se esperaba en ")
    assert lineas[-1].startswith("Siga: ")


def _puertos() -> dict[str, str]:
    """Ports that nobody listens on, for every service."""
    nombres = [servicio.variables[0] for servicio in SERVICIOS.values()]
    elegidos: dict[str, str] = {}
    while len(set(elegidos.values())) < len(nombres):
        elegidos = {nombre: str(puerto_libre()) for nombre in nombres}
    return elegidos

"""What a process refuses to start with, what it says loudly, and what it never shows."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from aeropartners.arranque.cli import principal
from aeropartners.arranque.config import ConfiguracionInvalida, leer
from aeropartners.arranque.contenedor import Contenedor
from tests.seguridad.tokens import AUDIENCIA, EMISOR

FUERA = {"HOST": "0.0.0.0"}
SECRETOS = {
    "DATABASE_URL": "postgresql://app:contrasena-1@base/x",
    "DATABASE_URL_ADMIN": "postgresql://duena:contrasena-2@base/x",
    "API_KEYS": "clave-secreta-3:admin,clave-secreta-4:lector",
    "SERVICE_API_KEY": "clave-secreta-5",
    "API_KEY": "clave-secreta-6",
    "PULSAR_TOKEN": "ficha-secreta-7",
}


def test_sin_credenciales_no_se_escucha_hacia_fuera() -> None:
    """Refused, saying what would do; on loopback the seeds' examples need no key."""
    with pytest.raises(ConfiguracionInvalida, match=r"API_KEYS.*PERMITIR_SIN_CLAVE=1"):
        leer(FUERA)
    assert not leer({}).exige_clave


def test_el_proceso_no_arranca() -> None:
    """Neither a service nor the demonstration."""
    for orden in (["demo", "--una-vez"], ["servir", "bff"]):
        hecho = CliRunner().invoke(principal, orden, env=FUERA)
        assert hecho.exit_code == 1, orden
        assert "PERMITIR_SIN_CLAVE=1" in hecho.output


def test_cualquier_credencial_basta(tmp_path: Path) -> None:
    """Keys in the environment, keys of the table, or tokens: then every call needs one."""
    archivo = tmp_path / "jwks.json"
    archivo.write_text('{"keys": []}')
    tokens = {"JWT_JWKS": str(archivo), "JWT_EMISOR": EMISOR, "JWT_AUDIENCIA": AUDIENCIA}
    for credencial in ({"API_KEYS": "c:admin"}, {"EXIGIR_CLAVE": "1"}, tokens):
        assert leer(FUERA | credencial).exige_clave


def test_abierto_a_todos_se_dice_en_voz_alta(tmp_path: Path) -> None:
    """A warning at the start of each process, and none when keys are asked for or nobody else can call."""
    abierto = {**FUERA, "PERMITIR_SIN_CLAVE": "1", "AEROPARTNERS_DATOS": str(tmp_path)}
    for entorno, veces in ((abierto, 1), (abierto | {"API_KEYS": "c:admin"}, 0), ({}, 0)):
        with capture_logs() as dichas:
            Contenedor(config=leer(entorno)).acceso()
        assert [(d["event"], d["log_level"]) for d in dichas] == [("SIN_CLAVES", "warning")] * veces


@pytest.mark.parametrize("claves", ["sin-rol", ":admin", "c:dios", "c:admin,:lector", "c:"])
def test_claves_mal_escritas(claves: str) -> None:
    """Refused at the start, without showing them."""
    with pytest.raises(ConfiguracionInvalida, match="API_KEYS") as error:
        leer({"API_KEYS": claves})
    assert claves not in str(error.value)


def test_una_clave_puede_tener_dos_puntos() -> None:
    """The role is what follows the last one."""
    assert [rol for _, rol in leer({"API_KEYS": "a:b:c:lector, d:admin"}).api_keys] == ["lector", "admin"]


def test_la_configuracion_no_muestra_secretos() -> None:
    """Neither `config`, nor the object when it is printed, nor the refusal of a wrong value."""
    dicho = CliRunner().invoke(principal, ["config", "--json"], env=SECRETOS)
    assert dicho.exit_code == 0, dicho.output
    mostrada = json.loads(dicho.stdout)
    mala = {"DATABASE_URL": "mysql://app:contrasena-1@base/x", "DATABASE_URL_ADMIN": "ñ:contrasena-2"}
    with pytest.raises(ConfiguracionInvalida) as error:
        leer(SECRETOS | mala)
    for texto in (dicho.output, repr(leer(SECRETOS)), str(error.value)):
        assert "secreta" not in texto
        assert "contrasena" not in texto
    assert mostrada["DATABASE_URL"] == "postgresql://app:***@base/x"
    assert {mostrada[v] for v in ("API_KEYS", "API_KEY", "SERVICE_API_KEY", "PULSAR_TOKEN")} == {"***"}


def test_un_proceso_tapa_lo_que_el_mismo_sabe() -> None:
    """What its log lines are cleaned of."""
    suyos = leer(SECRETOS).secretos()
    assert set(suyos) == {
        "contrasena-1",
        "contrasena-2",
        "clave-secreta-5",
        "clave-secreta-6",
        "ficha-secreta-7",
    }

"""`aeropartners simular definicion`, as a user runs it on a definition of their own."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aeropartners.arranque.cli import principal
from tests.sagas_de_los_sistemas import registro

VIAJES = "tests.simulacion.viajes"
TIPOS = registro().tipos


def simular(*argumentos: str) -> Result:
    return CliRunner().invoke(principal, ["simular", "definicion", *argumentos])


@pytest.mark.parametrize("nombre", ["CREAR_CAMPANA_COMPLETA", f"{VIAJES}:viaje"])
def test_una_definicion_buena_pasa(nombre: str) -> None:
    """A known type, or a function of the user's, is played, and nothing is wrong."""
    hecho = simular(nombre, "--semillas", "20", "--procesos", "1", "--json")
    assert hecho.exit_code == 0, hecho.output
    dicho = json.loads(hecho.stdout)
    assert (dicho["calendarios"], dicho["fallidas"]) == (20, {})
    assert dicho["ejercicio"]["faltas"]["muerte de un proceso"] > 10


def test_una_mala_se_encuentra_se_cuenta_y_se_repite() -> None:
    """A command that cannot be made a second time is found and told, and what is printed plays it again."""
    hecho = simular(f"{VIAJES}:SIN_REINTENTOS", "--semillas", "20", "--procesos", "1")
    assert hecho.exit_code == 1
    assert "NO SE CUMPLE" in hecho.output
    assert "KeyError: 'segundo intento'" in hecho.output
    orden = re.search(r"Para repetirla: aeropartners simular definicion (.*)", hecho.output)
    assert orden
    otra_vez = simular(*orden[1].split())
    assert otra_vez.exit_code == 1
    assert "KeyError: 'segundo intento'" in otra_vez.output


def test_los_datos_se_dan_en_un_archivo(tmp_path: Path) -> None:
    """Without data each command finds something empty; those of a file must do for all of them."""
    buenos, malos = tmp_path / "buenos.json", tmp_path / "malos.json"
    buenos.write_text('{"hotel": "Ritz"}')
    malos.write_text('{"pension": "Pepa"}')
    comun = (f"{VIAJES}:viaje", "--semillas", "2", "--procesos", "1", "--datos")
    assert simular(*comun, str(buenos)).exit_code == 0
    mal = simular(*comun, str(malos))
    assert mal.exit_code == 1
    assert "HOTEL: KeyError: 'hotel'. Dé los datos iniciales con --datos" in mal.output


@pytest.mark.parametrize(
    ("nombre", "dice"),
    [
        ("CREAR_NADA", f"no es uno de {', '.join(TIPOS)} ni modulo:atributo"),
        ("no.existe:nada", "ModuleNotFoundError"),
        (f"{VIAJES}:nada", "AttributeError"),
        (f"{VIAJES}:NADA", "TypeError"),
    ],
)
def test_lo_que_no_es_una_definicion_se_dice(nombre: str, dice: str) -> None:
    """A wrong name is refused with what is wrong about it."""
    hecho = simular(nombre)
    assert hecho.exit_code != 0
    assert dice in hecho.output

"""What a variable may hold, and how a wrong one is refused: by its name, without its secret."""

import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from flask import Flask

from aeropartners.arranque import config
from aeropartners.arranque.ajustes.puertos import puertos
from aeropartners.arranque.ajustes.valores import decimal
from aeropartners.arranque.ajustes.variables import variable as de_variable
from aeropartners.arranque.ajustes.variables import variables
from aeropartners.arranque.cli import principal
from aeropartners.arranque.config import CLASES, Config, ConfiguracionInvalida, desconocidas, leer
from aeropartners.arranque.servicio import Servicio
from aeropartners.arranque.sistemas import SERVICIOS, SISTEMAS, Sistema


@dataclass(frozen=True, slots=True)
class AjustesCafe:
    """The settings of a made-up system, which has other defaults than the platform for two variables."""

    paso_s: float = de_variable("SAGA_STEP_TIMEOUT_S", "5", decimal(1), debe="segundos, 1 o más")
    base_s: float = de_variable("SAGA_BACKOFF_BASE_S", "1", decimal(0.001), debe="segundos")
    total_s: float = de_variable("TOTAL_DE_PRUEBA_S", "60", decimal(1), debe="segundos, 1 o más")


@dataclass(frozen=True, slots=True)
class AjustesTienda:
    """Those of another one, which shares a variable with it that the platform does not have."""

    total_s: float = de_variable("TOTAL_DE_PRUEBA_S", "300", decimal(1), debe="segundos, 1 o más")


VARIABLES = [v.nombre for clase in (Config, *CLASES) for _, v in variables(clase)]
VARIABLES += [nombre for servicio in SERVICIOS.values() for nombre in servicio.variables]


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("cola", ["\r", "\x00", "\x1b[2J", "\n"])
def test_un_caracter_que_no_se_ve(variable: str, cola: str) -> None:
    """The end of a line of another system is in no value, of whatever variable; it is shown as an escape."""
    with pytest.raises(ConfiguracionInvalida, match=rf"^{variable}=.*sin caracteres de control$") as error:
        leer({variable: f"1{cola}"})
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("variable", "valor"),
    [
        ("ORQUESTADOR_URL", "http://"),
        ("PULSAR_ADMIN_URL", "http://host:puerto"),
        ("CAMPAIGNS_URL", "http:/host"),
        ("PULSAR_URL", "pulsar://"),
        ("PULSAR_URL", "pulsar://h:70000"),
        ("DATABASE_URL", "postgresql://"),
        ("DATABASE_URL", "postgresql://host"),
        ("DATABASE_URL", "postgresql://host:x/base"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///datos?modo=ro"),
        ("JWT_JWKS", "https://"),
        ("AEROPARTNERS_DATOS", "mis%20datos"),
        ("AEROPARTNERS_DATOS", "¿datos?"),
        ("AEROPARTNERS_DATOS", __file__),
        ("HOST", "http://host"),
        ("HOST", "un nombre"),
    ],
)
def test_media_direccion_se_rechaza_por_su_nombre(variable: str, valor: str) -> None:
    """Before anything is opened with it."""
    with pytest.raises(ConfiguracionInvalida, match=rf"^{variable}="):
        leer({variable: valor})


@pytest.mark.parametrize("host", ["127.0.1.1", "127.9.9.9", "::1", "[::1]", "localhost"])
def test_el_bucle_local_es_una_red(host: str) -> None:
    """On any of its addresses no key is needed; elsewhere it is."""
    assert leer({"HOST": host}).host == host.strip("[]")
    for abierto in ("0.0.0.0", "::", "10.0.0.1"):
        with pytest.raises(ConfiguracionInvalida, match=r"^HOST="):
            leer({"HOST": abierto})


def test_ninguna_url_muestra_su_clave() -> None:
    """Neither `config` nor a refusal nor the list of what a log covers misses one, wherever in the URL."""
    urls = {
        v: f"http://u:cl@ve-{i}@host:1/x?api_key=otra-{i}"
        for i, v in enumerate(
            (
                "PULSAR_ADMIN_URL",
                "INTEGRACIONES_API_URL",
                "SAGA_ORCHESTRATOR_URL",
                "ORQUESTADOR_URL",
                "PAGOS_URL",
            )
        )
    }
    entorno = urls | {
        "DATABASE_URL": "postgresql://u:cl%40ve@host/x?password=otra",
        "PULSAR_URL": "pulsar://u:cl@ve@host:6650",
    }
    dicho = CliRunner().invoke(principal, ["config", "--json"], env=entorno)
    assert dicho.exit_code == 0, dicho.output
    assert re.findall("ve-|cl@|otra|cl%40", dicho.output) == []
    assert dicho.output.count("http://u:***@host:1/x?api_key=***") == len(urls) + 1  # OPERADOR_URL as well
    secretos = leer(entorno).secretos()
    assert {"cl@ve", "cl%40ve", "otra"} <= set(secretos)
    assert {f"{c}-{i}" for i in range(len(urls)) for c in ("cl@ve", "otra")} <= set(secretos)
    for mala in ("ftp://u:cl@ve-1@host", "http://u:cl@ve-1@host:x", "u:cl@ve-1@host"):
        with pytest.raises(ConfiguracionInvalida) as error:
            leer({"PAGOS_URL": mala})
        assert "ve-1" not in str(error.value), mala


def test_una_variable_que_nadie_lee_se_dice() -> None:
    """A typing error of one of ours, and one of our prefix that is none; what is another's is let alone."""
    entorno = {
        "DATABSE_URL": "x",
        "ORQUESTADOR_URLS": "x",
        "AEROPARTNERS_ZONA_HORARIA": "x",
        "AEROPARTNERS_CACHE": "x",
        "HOSTNAME": "x",
        "PATH": "x",
        "DATABASE_URL": "x",
        "BROKER_URL": "x",
    }
    assert list(desconocidas(entorno)) == [
        "AEROPARTNERS_ZONA_HORARIA no es una variable de aquí",
        "DATABSE_URL no es una variable de aquí: ¿quiso decir DATABASE_URL?",
        "ORQUESTADOR_URLS no es una variable de aquí: ¿quiso decir ORQUESTADOR_URL?",
    ]
    dicho = CliRunner().invoke(principal, ["config"], env={"SAGA_MAX_RETRIE": "1"})
    assert "¿quiso decir SAGA_MAX_RETRIES?" in dicho.output


def test_un_puerto_es_del_primero_de_la_lista() -> None:
    """A later system moves by 10,000 from what an earlier one wants; nobody takes the operator's."""

    def de(sistema: str, parte: str, puerto: int) -> Servicio:
        return Servicio(sistema, parte, (), lambda *_: Flask("x"), puerto)

    operador = next(iter(SERVICIOS.values()))
    pedidos = [operador, de("x", "uno", 8093), *(de(sistema, "dos", 8000) for sistema in "xyz")]
    elegidos, faltas = puertos(pedidos, {})
    assert {nombre: elegido.numero for nombre, elegido in elegidos.items()} == {
        **{"operador": 8093, "x-uno": 18093},
        **{"x-dos": 8000, "y-dos": 18000, "z-dos": 28000},
    }
    assert not faltas


@pytest.mark.parametrize("sistema", SISTEMAS, ids=lambda sistema: sistema.nombre)
def test_un_sistema_solo_tiene_los_puertos_de_su_contrato(sistema: Sistema) -> None:
    """Whoever else wants them; no two services of all have one port."""
    puestos = leer({}, solo=sistema.nombre).puertos
    assert {s.nombre: puestos[s.nombre].numero for s in sistema.servicios} == {
        s.nombre: s.puerto for s in sistema.servicios
    }
    numeros = [puerto.numero for puerto in puestos.values()]
    assert len(numeros) == len(set(numeros))


def test_dos_puertos_iguales_se_dicen(tmp_path: Path) -> None:
    """By both names; a system that needs both is left out, and without any nothing starts."""
    entorno = {"PUERTO_BFF": "8000", "AEROPARTNERS_DATOS": str(tmp_path / "d")}
    assert leer(entorno).puertos_repetidos() == ["PUERTO_PRINCIPAL y PUERTO_BFF piden el mismo puerto 8000"]
    assert "PUERTO_PRINCIPAL y PUERTO_BFF" in CliRunner().invoke(principal, ["config"], env=entorno).output
    demo = CliRunner().invoke(principal, ["demo", "--una-vez", "--sistema", "campanas"], env=entorno)
    assert (demo.exit_code, "PUERTO_PRINCIPAL y PUERTO_BFF" in demo.output) == (1, True)
    assert not (tmp_path / "d").exists()


@pytest.fixture
def dos_sistemas(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up systems in place of ours."""
    clases = {"cafe": AjustesCafe, "tienda": AjustesTienda}
    monkeypatch.setattr(config, "CLASES", tuple(clases.values()))
    sistemas = [SimpleNamespace(nombre=nombre, ajustes=clase) for nombre, clase in clases.items()]
    monkeypatch.setattr(config, "SISTEMAS", sistemas)


@pytest.mark.usefixtures("dos_sistemas")
def test_una_variable_de_varios_tiene_el_valor_de_cada_uno() -> None:
    """Unset it is each system's own default; set, it holds for the platform and for every system."""
    de_serie = leer({})
    assert (de_serie.saga_step_timeout_s, de_serie.de(AjustesCafe).paso_s) == (30, 5)
    assert (de_serie.de(AjustesCafe).total_s, de_serie.de(AjustesTienda).total_s) == (60, 300)
    puesta = leer({"SAGA_STEP_TIMEOUT_S": "7", "TOTAL_DE_PRUEBA_S": "9"})
    assert (puesta.saga_step_timeout_s, puesta.de(AjustesCafe).paso_s) == (7, 7)
    assert (puesta.de(AjustesCafe).total_s, puesta.de(AjustesTienda).total_s) == (9, 9)


def _de(mostradas: dict[str, str], *nombres: str) -> dict[str, str]:
    return {dicho: valor for dicho, valor in mostradas.items() if dicho.startswith(nombres)}


@pytest.mark.usefixtures("dos_sistemas")
def test_config_dice_de_quien_es_cada_valor() -> None:
    """A system's name stands beside a value that is not everybody's; a common one stands there once."""
    nombres = ("SAGA_STEP_TIMEOUT_S", "SAGA_BACKOFF_BASE_S", "TOTAL_DE_PRUEBA_S")
    assert _de(leer({}).mostrar(), *nombres) == {
        "SAGA_STEP_TIMEOUT_S": "30.0",
        "SAGA_STEP_TIMEOUT_S (cafe)": "5.0",
        "SAGA_BACKOFF_BASE_S": "1.0",
        "TOTAL_DE_PRUEBA_S (cafe)": "60.0",
        "TOTAL_DE_PRUEBA_S (tienda)": "300.0",
    }
    puestas = dict.fromkeys(nombres, "7")
    assert _de(leer(puestas).mostrar(), *nombres) == dict.fromkeys(nombres, "7.0")
    dicho = CliRunner().invoke(principal, ["config"], env=dict.fromkeys(nombres, "")).output
    assert "\nSAGA_STEP_TIMEOUT_S=30.0\n" in dicho
    assert "\nSAGA_STEP_TIMEOUT_S (cafe)=5.0\n" in dicho


@pytest.mark.usefixtures("dos_sistemas")
def test_una_variable_de_varios_se_rechaza_una_vez() -> None:
    """Whoever refuses it, and whatever each of them asks for; the others are named beside it."""
    with pytest.raises(ConfiguracionInvalida) as error:
        leer({"SAGA_STEP_TIMEOUT_S": "x", "TOTAL_DE_PRUEBA_S": "x", "SAGA_MAX_RETRIES": "x"})
    dichas = [linea.partition("=")[0] for linea in str(error.value).split("\n")]
    assert sorted(dichas) == ["SAGA_MAX_RETRIES", "SAGA_STEP_TIMEOUT_S", "TOTAL_DE_PRUEBA_S"]
    with pytest.raises(
        ConfiguracionInvalida, match=r"^SAGA_STEP_TIMEOUT_S='0.5': debe ser segundos, 1 o más$"
    ):
        leer({"SAGA_STEP_TIMEOUT_S": "0.5"})


@pytest.mark.usefixtures("dos_sistemas")
def test_una_variable_de_un_sistema_es_conocida() -> None:
    """A name that only differing systems have is known, and proposed for its typing errors."""
    assert "TOTAL_DE_PRUEBA_S" in config.conocidas()
    assert list(desconocidas({"TOTAL_DE_PRUEBA_S": "1"})) == []
    [aviso] = desconocidas({"TOTAL_DE_PRUEBAS_S": "1"})
    assert "¿quiso decir TOTAL_DE_PRUEBA_S?" in aviso

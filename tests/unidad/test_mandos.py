"""The terminal: what a short command costs, one language, and no help, list or id left half said."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from click.testing import CliRunner
from rich.console import Console

from aeropartners.arranque import config
from aeropartners.arranque.ajustes import del_terminal as terminal
from aeropartners.arranque.ajustes.variables import Faltas
from aeropartners.arranque.cli import MANDOS, auditoria, principal
from aeropartners.arranque.cli.grupo import Mandos
from aeropartners.arranque.consola import pantallas
from aeropartners.seedwork.infraestructura.almacen.auditoria import auditoria as tabla_auditoria

RAIZ = Path(__file__).resolve().parents[2]
ID = "01900000-0000-7000-8000-00000000000a"
ORDEN = [ID, "--quien", "x", "--motivo", "x"]
LIGEROS = [
    ["--help"],
    ["--version"],
    *([grupo, "--help"] for grupo in ("saga", "muertos", "auditoria")),
    ["saga", "lista"],
    ["saga", "lista", "--atascadas"],
    ["saga", "ver", ID],
    *(["saga", orden, *ORDEN] for orden in ("reintentar", "omitir", "cerrar", "cancelar")),
    ["muertos", "lista"],
    ["muertos", "ver", ID],
    *(["muertos", orden, *ORDEN] for orden in ("reencolar", "descartar")),
    ["auditoria", "exportar"],
]
PROGRAMA = """
import json, sys
from click.testing import CliRunner
from aeropartners.arranque.cli import principal
for orden in json.loads(sys.argv[1]):
    codigo = CliRunner().invoke(principal, orden).exit_code
    suyos = {"sqlalchemy", "flask", "pulsar", "_pulsar", "alembic", "structlog"} & set(sys.modules)
    print(json.dumps([" ".join(orden), codigo, sorted(suyos)]))
"""


def test_lo_que_solo_pregunta_no_carga_base_ni_web_ni_broker() -> None:
    """Each took 2 s of CPU: the libraries of a process, none of which it uses."""
    entorno = {**os.environ, "PYTHONPATH": str(RAIZ / "src"), "OPERADOR_URL": "http://127.0.0.1:9"}
    orden = [sys.executable, "-c", PROGRAMA, json.dumps(LIGEROS)]
    hecho = subprocess.run(orden, env=entorno, capture_output=True, text=True, check=False)
    assert hecho.returncode == 0, hecho.stderr
    dichos = [json.loads(linea) for linea in hecho.stdout.splitlines()]
    assert [dicho[0] for dicho in dichos] == [" ".join(orden) for orden in LIGEROS]
    assert [(orden, suyos) for orden, _, suyos in dichos if suyos] == []
    assert {codigo for orden, codigo, _ in dichos if not orden.endswith(("--help", "--version"))} == {3}


@pytest.mark.parametrize(
    "entorno",
    [
        {},
        {"PUERTO_OPERADOR": "9001"},
        {"PUERTO_OPERADOR": "9001", "PUERTO_PLATAFORMA_OPERADOR": "9002"},
        {"ORQUESTADOR_URL": "http://orquestador:1", "PUERTO_OPERADOR": "9001"},
        {"OPERADOR_URL": "http://operador:1/", "ORQUESTADOR_URL": "http://orquestador:1"},
        {"API_KEY": "una", "SERVICE_API_KEY": "otra"},
    ],
    ids=str,
)
def test_el_terminal_lee_lo_mismo_que_un_proceso(entorno: dict[str, str]) -> None:
    """Where the operator's service is, by default as well, and the keys."""
    suyo, de_proceso = terminal.leer(entorno), config.leer(entorno)
    campos = ("operador_url", "api_key", "service_api_key", "tls_ca_file")
    assert [getattr(suyo, c) for c in campos] == [getattr(de_proceso, c) for c in campos]


def test_lo_mal_puesto_se_dice_de_una_vez() -> None:
    """Every wrong variable of the terminal's, and none that it does not read."""
    mal = {"PUERTO_OPERADOR": "x", "OPERADOR_URL": "x", "TLS_CA_FILE": "/no/es", "DATABASE_URL": "x"}
    with pytest.raises(Faltas) as error:
        terminal.leer(mal)
    assert re.findall(r"^(\w+)=", str(error.value), re.M) == [
        "PUERTO_OPERADOR",
        "OPERADOR_URL",
        "TLS_CA_FILE",
    ]
    dicho = CliRunner().invoke(principal, ["saga", "lista", "--json"], env={"OPERADOR_URL": "x"})
    assert (dicho.exit_code, list(json.loads(dicho.stdout))) == (1, ["error"])


def test_la_auditoria_se_exporta_con_las_columnas_de_su_tabla() -> None:
    """They are written down a second time, for a command that loads no database."""
    assert list(auditoria.COLUMNAS) == [columna.name for columna in tabla_auditoria.c]


def todos(grupo: click.Group = principal, *antes: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command and group, by the words that call it."""
    yield antes, grupo
    for nombre, mando in grupo.commands.items():
        if isinstance(mando, click.Group):
            yield from todos(mando, *antes, nombre)
        else:
            yield (*antes, nombre), mando


TODOS = dict(todos())
# Words of an English sentence that are none in Spanish, and click's own.
INGLES = re.compile(
    r"\b(the|of|and|is|are|was|this|that|these|to|for|from|with|by|or|not|all|each|which|whose|when|what|only"
    r"|its|into|until|them|list|show|exit|print|usage|options?|commands?|arguments?|default|required|text"
    r"|integer|float|range|file|directory|path|message|missing|invalid|such|try|takes?|requires?)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("orden", TODOS, ids=" ".join)
def test_toda_ayuda_esta_en_espanol(orden: tuple[str, ...]) -> None:
    """Of each command, with its options, the kinds of their values and click's headings."""
    ayuda = CliRunner().invoke(principal, [*orden, "--help"])
    assert ayuda.exit_code == 0, ayuda.output
    assert ayuda.output.startswith("Uso: aeropartners")
    # What is written as an option, or as a user writes it, is a name and no sentence.
    assert INGLES.findall(re.sub(r"--[\w-]+|modulo:atributo", "", ayuda.output)) == []
    mando = TODOS[orden]
    assert mando.help
    assert mando.callback is None or mando.help != mando.callback.__doc__
    opciones = [p for p in mando.params if isinstance(p, click.Option)]
    assert [p.name for p in opciones if not p.help] == []


@pytest.mark.parametrize(
    ("orden", "dice"),
    [
        (["nada"], "No existe el mando 'nada'."),
        (["saga", "lista", "--estad", "x"], "No existe la opción '--estad'. ¿Quiso decir '--estado'?"),
        (["saga", "ver"], "Falta el argumento 'SAGA_ID'."),
        (["saga", "ver", "x"], "Valor no válido de 'SAGA_ID': 'x' no es un UUID."),
        (["saga", "lista", "x"], "Sobra un argumento (x)"),
        (["saga", "lista", "--limite", "x"], "Valor no válido de '--limite': 'x' no es un entero."),
        (["saga", "lista", "--estado"], "La opción '--estado' lleva un valor."),
        (["retencion", "--dias", "7"], "Valor no válido de '--dias': 7 no cumple x>=8."),
        (["claves", "crear", "--rol", "rey"], "Valor no válido de '--rol': 'rey' no es uno de 'lector', "),
        (["claves", "crear", "--rol", "lector"], "Falta la opción '--nombre'."),
        (
            ["simular", "definicion", "X", "--datos", "/no/es"],
            "Valor no válido de '--datos': Archivo '/no/es' no existe.",
        ),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_un_uso_equivocado_se_dice_en_espanol(orden: list[str], dice: str) -> None:
    """With exit code 2."""
    dicho = CliRunner().invoke(principal, orden)
    assert dicho.exit_code == 2
    assert f"Error: {dice}" in dicho.output
    assert INGLES.findall(re.sub(r"--[\w-]+", "", dicho.output)) == []


@pytest.mark.parametrize("orden", [o for o, m in TODOS.items() if isinstance(m, Mandos)], ids=" ".join)
def test_la_lista_de_un_grupo_dice_lo_que_sus_mandos(orden: tuple[str, ...]) -> None:
    """What is written in the table, to load nothing for a list, begins the help of the command."""
    grupo = TODOS[orden]
    assert isinstance(grupo, Mandos)
    assert grupo.mandos
    for nombre, mando in grupo.mandos.items():
        ayuda = grupo.commands[nombre].help or ""
        assert ayuda.startswith(mando.ayuda), nombre
    lista = CliRunner().invoke(principal, [*orden, "--help"]).output
    assert [n for n in grupo.commands if not re.search(rf"^  {n} ", lista, re.M)] == []


def test_la_tabla_es_la_linea_de_ordenes() -> None:
    """Every name in the table is a command, in the order of the alphabet, as the list shows it."""
    assert list(principal.commands) == list(MANDOS) == sorted(MANDOS)


NADA: dict[str, Any] = {
    "sagas": [],
    "muertos": [],
    "auditoria": [],
    "total": 0,
    "elegidos": [],
    "hay_mas": False,
}
QUIEN = ["--quien", "x", "--motivo", "x"]


@pytest.mark.parametrize(
    ("orden", "dice"),
    [
        (["saga", "lista"], "Ninguna SAGA\n"),
        (["saga", "lista", "--estado", "FALLIDA"], "Ninguna SAGA con --estado FALLIDA\n"),
        (
            ["saga", "lista", "--tipo", "X", "--estado", "Y", "--limite", "3"],
            "Ninguna SAGA con --estado Y --tipo X\n",
        ),
        (["saga", "lista", "--atascadas"], "No hay SAGAs atascadas\n"),
        (["muertos", "lista"], "No hay mensajes muertos\n"),
        (["muertos", "lista", "--consumidor", "pagos"], "No hay mensajes muertos con --consumidor pagos\n"),
        (["muertos", "lista", "--pagina", "3"], "No hay mensajes muertos con --pagina 3\n"),
        (
            ["saga", "cerrar", "--atascadas", "--paso", "P", *QUIEN],
            "Ninguna SAGA con --atascadas --paso P\nHechas: 0\n",
        ),
        (
            ["muertos", "reencolar", "--saga", "S", "--simular"],
            "Ningún mensaje muerto con --saga S\nSe harían: 0; se rechazarían: 0\n",
        ),
        (["auditoria", "exportar", "--desde", "2100"], "Ninguna operación con --desde 2100\n"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else "",
)
def test_sin_coincidencias_se_dice_con_que_filtro(
    orden: list[str], dice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence for a person, and for a machine the same document as ever."""
    respuesta = httpx.Response(200, json={**NADA, "orden": orden[1]})
    monkeypatch.setattr("aeropartners.arranque.consola.peticiones.httpx.request", lambda *_, **__: respuesta)
    dicho = CliRunner().invoke(principal, orden)
    assert dicho.exit_code == 0, dicho.output
    # A file of rows has its header on the standard output, and nothing else.
    suya, archivo = (dicho.stderr, dicho.stdout) if orden[0] == "auditoria" else (dicho.stdout, dicho.stderr)
    assert suya == dice
    assert archivo.strip() in ("", ",".join(auditoria.COLUMNAS))
    en_json = CliRunner().invoke(principal, [*orden, "--json"])
    assert "Ning" not in en_json.output
    assert "No hay" not in en_json.output


LARGO = "Tiempo de espera agotado: " + "nadie contestó; " * 20
MOMENTO = "2026-01-02T03:04:05.000000Z"
IDS = [f"01900000-0000-7000-8000-{n:012x}" for n in range(4)]
SUYO = {"tipo": "CREAR_CAMPANA_COMPLETA", "estado": "COMPENSANDO", "fecha_inicio": MOMENTO}
SAGAS = [
    {**SUYO, "saga_id": i, "error_message": LARGO, "espera": {"texto": f"{LARGO} (mensaje {i}) {LARGO}"}}
    for i in IDS
]
MUERTOS = [{"id": IDS[0], "saga_id": IDS[1], "consumidor": "saga-orchestrator", "tipo": "IniciarSaga",
            "tema": "t", "fecha": MOMENTO, "error": f"ValueError: {IDS[2]}, {LARGO}"}]  # fmt: skip
ELEGIDOS = [{"id": i, "tipo": "T", "consumidor": "c", "se_hara": True, "detalle": LARGO} for i in IDS]
RESULTADOS = [
    {"id": i, "consumidor": "c", "resultado": "HECHA", "detalle": f"SAGA {i}: {LARGO}"} for i in IDS
]
CUENTAS = {"hechas": 4, "rechazadas": 0, "sin_respuesta": 0, "no_intentadas": 0, "hay_mas": False}


@pytest.mark.parametrize("ancho", [10, 40, 80, 220])
@pytest.mark.parametrize(
    ("pantalla", "objeto", "ids"),
    [
        (pantallas.sagas, {"sagas": SAGAS, "total": 4}, IDS),
        (pantallas.atascadas, {"sagas": SAGAS, "total": 4}, IDS * 2),
        (pantallas.muertos, {"muertos": MUERTOS, "total": 1}, IDS[:3]),
        (pantallas.simulacion, {"orden": "cerrar", "elegidos": ELEGIDOS, "hay_mas": False}, IDS),
        (pantallas.cumplida, {"orden": "cerrar", "resultados": RESULTADOS, **CUENTAS}, IDS * 2),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_ningun_id_se_parte(pantalla: Any, objeto: Any, ids: list[str], ancho: int) -> None:
    """In a narrow terminal and in a pipe it can be copied, or searched for: in a cell, or in a sentence."""
    salida = io.StringIO()
    consola = Console(file=salida, width=ancho)
    pantalla(consola, objeto)
    assert sorted(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]+){4}", salida.getvalue())) == sorted(ids)
    assert consola.width == ancho


def test_el_prefijo_de_una_clave_tampoco() -> None:
    """It is what `claves revocar` is told."""
    salida = io.StringIO()
    pantallas.tabla(
        Console(file=salida, width=20), "Claves: 1", ("prefijo", "nombre"), [("ap_0123abcd", LARGO)]
    )
    assert "ap_0123abcd " in salida.getvalue()


@pytest.mark.parametrize("ancho", [120, 160])
def test_lo_que_cabe_no_pasa_del_ancho(ancho: int) -> None:
    """The widest columns give way, and no line is longer than the terminal."""
    salida = io.StringIO()
    pantallas.sagas(Console(file=salida, width=ancho), {"sagas": SAGAS, "total": 4})
    assert max(map(len, salida.getvalue().splitlines())) <= ancho
    assert "CREAR_CAMPANA_COMPLETA" in salida.getvalue()


def test_el_relato_de_una_saga_dice_su_id_entero() -> None:
    """The first line, in a terminal narrower than an id."""
    salida = io.StringIO()
    relato: dict[str, Any] = {
        "saga_id": ID,
        "tipo": "T",
        "definicion": 1,
        "estado": "E",
        "fecha_inicio": MOMENTO,
    }
    relato |= {"error_message": None, "espera": {"texto": f"espera a {ID}", "ordenes": []}, "despertar": None}
    relato |= {c: [] for c in ("pasos", "compensaciones", "mensajes", "ordenes", "historia")}
    pantallas.saga(Console(file=salida, width=20), relato)
    assert f"SAGA {ID}" in salida.getvalue()
    assert f"Espera a {ID}" in salida.getvalue()

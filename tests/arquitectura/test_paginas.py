"""The pages against the code: what they tell to run is accepted, what they name and link to is there."""

import importlib.util
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import click
import pytest
from tests.arquitectura.paginas import PAGINAS, RAIZ, codigo, en_linea, filas, ordenes, secciones
from tests.arquitectura.test_compose import COMPOSE
from tests.seguridad.paseo import Paseo, pasear
from werkzeug.exceptions import HTTPException

from aeropartners.arranque.cli import principal
from aeropartners.arranque.config import conocidas, leer
from aeropartners.arranque.sistemas import SERVICIOS, SISTEMAS
from aeropartners.seedwork.infraestructura.web.acceso.permisos import PUEDE, Permiso

CONFIG = leer({})
PUERTOS = {puerto.numero: nombre for nombre, puerto in CONFIG.puertos.items()}
# The auditor's metrics; PostgreSQL and Pulsar.
SIN_RUTAS = {8092, 5433, 6650, 8081}
APARTE = 20_000  # by so much the runbook's demonstration was moved
ID = str(UUID(int=7))
# What a reader puts in its place, and what a test does.
POR = {"SAGA_ID": ID, "PAYMENT_ID": ID, "ID": ID, "PREFIX": "abcd", "datos.json": str(RAIZ / "setup.cfg")}
OTRAS = {"docker", "."}
AJENAS = {"HTTPS_PROXY"}  # what the runbook says is not read
Regla = Callable[[str, str], list[str]]


def _por(palabra: str) -> str:
    return POR.get(palabra, palabra)


def aceptar(argumentos: list[str]) -> None:
    """Read a command line as the program would, without running it; raises ClickException or KeyError."""
    comando: click.Command = principal
    while isinstance(comando, click.Group):
        comando = comando.commands[argumentos.pop(0)]
    comando.make_context(comando.name, argumentos)


def nombrar(argumentos: list[str]) -> None:
    """Accept a command that is only named, with some of its options or none; as `aceptar` else."""
    comando: click.Command = principal
    while isinstance(comando, click.Group) and argumentos:
        comando = comando.commands[argumentos.pop(0)]
    suyas = {opcion for p in comando.params for opcion in p.opts}
    for ajena in [a for a in argumentos if a.startswith("--")]:
        if ajena not in suyas:
            raise click.NoSuchOption(ajena)


def _make(argumentos: list[str]) -> bool:
    hecho = (RAIZ / "Makefile").read_text()
    verbos = set(re.findall(r"^([a-z]+):", hecho, re.MULTILINE))
    variables = set(re.findall(r"\$\((?:or \$\()?([A-Z]+)\)", hecho))
    return all(a.split("=")[0] in variables if "=" in a else a in verbos for a in argumentos)


def _python(argumentos: list[str]) -> bool:
    if argumentos[0] == "-m":
        return importlib.util.find_spec(argumentos[1]) is not None
    programa = RAIZ / argumentos[0]
    programa = programa / "__main__.py" if programa.is_dir() else programa
    dicho = programa.read_text() if programa.exists() else ""
    opciones = [a.split("=")[0] for a in argumentos[1:] if a.startswith("--")]
    return bool(dicho) and all(f'"{o}"' in dicho for o in opciones)


def _mal(orden: list[str], curl: Callable[[list[str]], bool] = lambda _: True) -> bool:
    programa, *argumentos = [_por(p) for p in orden]
    try:
        match programa:
            case "aeropartners":
                aceptar(argumentos)
            case "make":
                return not _make(argumentos)
            case "python" | "python3":
                return not _python(argumentos)
            case "eval":
                return _mal(argumentos[0].removeprefix("$(").removesuffix(")").split())
            case "curl":
                return not curl(argumentos)
            case _:
                return programa not in OTRAS
    except (click.ClickException, KeyError):
        return True
    return False


def comandos(nombre: str, texto: str) -> list[str]:
    """Each command of a block is one that its program takes, and each named one exists, with its options."""
    faltas = [" ".join(orden) for orden in ordenes(nombre, texto) if _mal(orden)]
    for dicho in en_linea(texto):
        if not dicho.startswith(("make ", "aeropartners ")):
            continue
        programa, *argumentos = shlex.split(dicho)
        try:
            if programa == "aeropartners":
                nombrar(argumentos)
            elif not _make(argumentos):
                faltas.append(dicho)
        except (click.ClickException, KeyError):
            faltas.append(dicho)
    return faltas


def _palabras() -> set[str]:
    """Return the words in capitals of the code, and the variables whose names follow from other names."""
    donde = [
        *(RAIZ / "src").rglob("*.py"),
        *(RAIZ / "infra").rglob("*.py"),
        *(RAIZ / "tests").glob("*.py"),
        RAIZ / "Makefile",
        RAIZ / "docker-compose.yml",
    ]
    palabras = {p for archivo in donde for p in _MAYUSCULAS.findall(archivo.read_text())}
    return palabras | conocidas() | set(POR) | AJENAS


_MAYUSCULAS = re.compile(r"(?<![\w-])[A-ZÑ][A-ZÑ0-9]*(?:_[A-ZÑ0-9]+)+(?![\w-])")
PALABRAS = _palabras()


def palabras(_nombre: str, texto: str) -> list[str]:
    """Each name in capitals is a variable that is read, or a word of the code."""
    return sorted(set(_MAYUSCULAS.findall(codigo(texto))) - PALABRAS)


def puertos(_nombre: str, texto: str) -> list[str]:
    """Each address of this machine is one of a service."""
    dichos = {int(p) for p in re.findall(r"(?:localhost|127\.0\.0\.1):(\d+)", texto)}
    buenos = set(PUERTOS) | SIN_RUTAS
    return [str(p) for p in sorted(dichos) if p not in buenos and p - APARTE not in buenos]


def enlaces(nombre: str, texto: str) -> list[str]:
    """Each link of ours leads to a file, and to a section that it has."""
    faltas = []
    for enlace in re.findall(r"\]\(([^)\s]+)\)", texto):
        ruta, _, ancla = enlace.partition("#")
        donde = (RAIZ / nombre).parent / ruta if ruta else RAIZ / nombre
        if enlace.startswith("http"):
            continue
        if not donde.exists() or (ancla and ancla not in secciones(donde.read_text())):
            faltas.append(enlace)
    return faltas


def ajenas(_nombre: str, texto: str) -> list[str]:
    """No page names a folder of somebody's machine."""
    return re.findall(r"(?<![\w.])/(?:work|root|home|Users)/\S*", texto)


REGLAS: list[Regla] = [comandos, palabras, puertos, enlaces, ajenas]
ROTURAS: list[tuple[Regla, str]] = [
    (comandos, "```\naeropartners saga listar\n```"),
    (comandos, "```\naeropartners saga lista --nada\n```"),
    (comandos, "```\naeropartners servir nadie &\n```"),
    (comandos, "```\nmake nada\n```"),
    (comandos, "```\nmake simular M=3\n```"),
    (comandos, "```\npython scripts/nadie.py\n```"),
    (comandos, "```\npython scripts/test_saga.py --nada\n```"),
    (comandos, "```\npython -m tests.nadie\n```"),
    (comandos, '```\neval "$(python3 infra/nadie entorno)"\n```'),
    (comandos, "```\nA=1 otro programa\n```"),
    (comandos, "see `aeropartners saga listar`"),
    (comandos, "see `aeropartners auditar --continua`"),
    (comandos, "see `make nada`"),
    (palabras, "set `SAGA_STEP_TIMEOUT`"),
    (palabras, "```\nPUERTO_CAMPANAS_PUERTA=1 make run\n```"),
    (puertos, "curl localhost:8095/"),
    (enlaces, "[x](nadie.md)"),
    (enlaces, "[x](README.md#nada)"),
    (enlaces, "[x](#nada)"),
    (ajenas, "in /home/maria/x"),
]


@pytest.mark.parametrize("nombre", PAGINAS)
@pytest.mark.parametrize("regla", REGLAS)
def test_la_pagina_cumple(regla: Regla, nombre: str) -> None:
    """Each page keeps every rule."""
    assert regla(nombre, PAGINAS[nombre]) == []


@pytest.mark.parametrize(("regla", "texto"), ROTURAS)
def test_la_falta_se_ve(regla: Regla, texto: str) -> None:
    """Each rule sees a page that breaks it."""
    assert regla("README.md", texto)


def test_toda_regla_tiene_su_rotura() -> None:
    """No rule is without an example that breaks it, and the pages have something to be judged by."""
    assert {regla for regla, _ in ROTURAS} == set(REGLAS)
    assert sum(1 for nombre, texto in PAGINAS.items() for _ in ordenes(nombre, texto)) > 50


@pytest.fixture(scope="module")
def paseo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paseo]:
    """The applications of all services."""
    with pasear(tmp_path_factory.mktemp("paginas")) as paseo:
        yield paseo


def _responde(paseo: Paseo, app: str, metodo: str, camino: str) -> bool:
    camino = re.sub(r"\{\w+\}|(?<=/)(?:SAGA_ID|PAYMENT_ID|ID)(?=/|$)", ID, camino.partition("?")[0])
    try:
        paseo.apps[app].url_map.bind("").match(camino, method=metodo)
    except HTTPException:
        return False
    return True


def _curl(paseo: Paseo, argumentos: list[str]) -> bool:
    """Whether the service on that port has the route, with the method."""
    encontrados = [re.search(r"^(?:https?://)?(?:localhost|127\.0\.0\.1):(\d+)(/.*)", a) for a in argumentos]
    [url] = [e for e in encontrados if e]
    con_cuerpo = bool({"-d", "--data", "--json"} & set(argumentos))
    metodo = argumentos[argumentos.index("-X") + 1] if "-X" in argumentos else "GET"
    metodo = "POST" if con_cuerpo and metodo == "GET" else metodo
    puerto = int(url[1])
    app = PUERTOS.get(puerto) or PUERTOS.get(puerto - APARTE, "")
    return app in paseo.apps and _responde(paseo, app, metodo, url[2])


@pytest.mark.parametrize("nombre", PAGINAS)
def test_cada_ruta_existe(paseo: Paseo, nombre: str) -> None:
    """Each `curl` is answered by the service of its port, and each route that is named by some service."""
    faltas = [" ".join(o) for o in ordenes(nombre, PAGINAS[nombre]) if _mal(o, lambda a: _curl(paseo, a))]
    for dicho in en_linea(PAGINAS[nombre]):
        if hallado := re.fullmatch(r"(GET|POST|PUT|PATCH|DELETE) (?:localhost)?(?::(\d+))?(/\S*)", dicho):
            apps = [PUERTOS[int(hallado[2])]] if hallado[2] else list(paseo.apps)
            if not any(_responde(paseo, app, hallado[1], hallado[3]) for app in apps):
                faltas.append(dicho)
    assert faltas == []


@pytest.mark.parametrize(
    ("ruta", "buena"),
    [
        ("localhost:8093/saga/atascadas", True),
        ("localhost:8093/saga/atascada/x/y", False),
        ("localhost:8090/saga/atascadas/x/y", False),
        ("localhost:8092/metrics", False),
    ],
)
def test_una_ruta_que_no_esta_se_ve(paseo: Paseo, ruta: str, buena: bool) -> None:
    """With the port of another service, or with another path."""
    assert _curl(paseo, [ruta]) is buena
    assert not _curl(paseo, ["-X", "PATCH", ruta])


def test_la_tabla_de_servicios_es_la_del_codigo() -> None:
    """Names, ports and variables of docs/procesos.md are those of the descriptors, and all of them."""
    dichos = {
        fila[0]: tuple(valor for valor in fila[1:5] if valor)
        for fila in filas(PAGINAS["docs/procesos.md"].replace("`", ""), "service")
    }
    assert dichos == {
        s.nombre: (f"{s.sistema}.{s.parte}", str(CONFIG.puertos[s.nombre].numero), *s.variables)
        for s in SERVICIOS.values()
    }


def test_los_puertos_de_docker_son_los_publicados() -> None:
    """The table of docs/docker.md has what the compose files publish, and all of it."""
    publicados = {
        nombre: {puerto.split(":")[1] for puerto in s["ports"]}
        for nombre, s in COMPOSE["services"].items()
        if "ports" in s
    }
    dichos = filas(PAGINAS["docs/docker.md"], "service")
    assert {f[0].strip("`"): set(re.findall(r"\d{4,5}", f[1])) for f in dichos} == publicados


def test_la_tabla_de_roles_es_la_del_codigo() -> None:
    """What docs/seguridad.md lets a role do is what it may."""
    columnas = (Permiso.LEER, Permiso.CREAR, Permiso.CAMBIAR, Permiso.ADMINISTRAR)
    dichos = {
        rol.strip("`"): {p for p, si in zip(columnas, sies, strict=True) if si == "yes"}
        for rol, *sies in filas(PAGINAS["docs/seguridad.md"], "role")
    }
    assert dichos == {str(rol): set(puede) for rol, puede in PUEDE.items()}


def test_los_sistemas_que_andan_son_los_que_hay() -> None:
    """The README says of the systems that have a descriptor that they work, and of no others."""
    cinco = filas(PAGINAS["README.md"], "contract")
    assert [fila[0] for fila in cinco] == ["000", "001", "002", "003", "004"]
    andan = {nombre for fila in cinco if fila[2].startswith("works") for nombre in en_linea(fila[1])}
    assert andan == {s.nombre for s in SISTEMAS}


def test_cada_carpeta_de_la_tabla_existe() -> None:
    """Whoever looks for the room of a change in CONTRIBUTING.md finds it."""
    dichas = [c for fila in filas(PAGINAS["CONTRIBUTING.md"], "I want to change") for c in en_linea(fila[1])]
    rutas = [re.sub(r"<\w+>", "*", dicha) for dicha in dichas]
    assert len(rutas) > 15
    assert [r for r in rutas if not any(Path(RAIZ).glob(r))] == []

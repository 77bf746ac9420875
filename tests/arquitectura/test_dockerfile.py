"""infra/Dockerfile, as far as it can be judged without an engine: its paths, its pins, its last stage."""

import configparser
import json
import re
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

import pytest
from setuptools import find_packages

RAIZ = Path(__file__).resolve().parents[2]
Etapas = list[list[tuple[str, str]]]  # each stage: its instructions, FROM first
DE_OBRA = ("apt-get", "apk", "pip install", "gcc", "build-essential", "curl", "wget")


def etapas(texto: str) -> Etapas:
    """Return the stages of a Dockerfile; comments are dropped and continued lines are joined."""
    sin_comentarios = re.sub(r"(?m)^\s*#.*\n", "", texto)
    lineas = sin_comentarios.replace("\\\n", " ").splitlines()
    instrucciones = [(p[0].upper(), p[1].strip()) for li in lineas if len(p := li.split(None, 1)) == 2]
    hechas: Etapas = []
    for instruccion in instrucciones:
        if instruccion[0] == "FROM":
            hechas.append([])
        hechas[-1].append(instruccion)
    return hechas


def _las(etapa: list[tuple[str, str]], nombre: str) -> list[str]:
    return [valor for instruccion, valor in etapa if instruccion == nombre]


def _ignorado(ruta: str) -> bool:
    """Whether .dockerignore keeps a path out: as in Docker, the last pattern that fits decides."""
    fuera = False
    for patron in (RAIZ / ".dockerignore").read_text().splitlines():
        if patron and not patron.startswith("#") and fnmatch(ruta, patron.lstrip("!").removeprefix("**/")):
            fuera = not patron.startswith("!")
    return fuera


def base(todas: Etapas) -> list[str]:
    """Every stage stands on the same exact tag, of the Python that the lock was made for."""
    menor = re.search(r"--python-version (\S+)", (RAIZ / "Makefile").read_text())
    assert menor is not None
    exacta = rf"python:{re.escape(menor[1])}\.\d+-slim-\w+(@sha256:[0-9a-f]{{64}})?"
    imagenes = [_las(etapa, "FROM")[0].split()[0] for etapa in todas]
    return [i for i in imagenes if not re.fullmatch(exacta, i)] + sorted(set(imagenes))[1:]


def copias(todas: Etapas) -> list[str]:
    """What is copied exists and reaches the builder; what comes from a stage names one."""
    nombres = {_las(etapa, "FROM")[0].split()[-1] for etapa in todas}
    faltas = []
    for copia in (c for etapa in todas for c in _las(etapa, "COPY")):
        opciones = [p for p in copia.split() if p.startswith("--")]
        if opciones:
            faltas += [copia for o in opciones if o.removeprefix("--from=") not in nombres]
            continue
        faltas += [r for r in copia.split()[:-1] if not (RAIZ / r).exists() or _ignorado(r)]
    return faltas


def candado(todas: Etapas) -> list[str]:
    """Libraries come from the lock, checked by hash, and nothing is installed from anywhere else."""
    ordenes = [o for etapa in todas for o in _las(etapa, "RUN")]
    bajadas = [o for o in ordenes if "pip download" in o]
    instaladas = [o for o in ordenes if re.search(r"pip\b.* install\b", o)]
    faltas = [] if bajadas else ["nothing is taken from requirements.lock"]
    faltas += [o for o in bajadas if not {"--require-hashes", "requirements.lock"} <= set(o.split())]
    return faltas + [o for o in instaladas if not {"--no-index", "--find-links"} <= set(o.split())]


def ultima(todas: Etapas) -> list[str]:
    """The last stage builds nothing, is not root, leaves the health check to compose, and runs our script."""
    etapa = todas[-1]
    guiones = configparser.ConfigParser()
    guiones.read(RAIZ / "setup.cfg")
    nombres = re.findall(r"(?m)^(\S+) =", guiones["options.entry_points"]["console_scripts"])
    usuario = (_las(etapa, "USER") or ["root"])[-1].split(":")[0]
    faltas = [f"{o}: {d}" for o in _las(etapa, "RUN") for d in DE_OBRA if d in o]
    faltas += [] if usuario.isdigit() and int(usuario) > 0 else [f"USER {usuario}"]
    faltas += _las(etapa, "HEALTHCHECK")
    entradas = _las(etapa, "ENTRYPOINT")
    return faltas + [e for e in entradas or [""] if not e.startswith("[") or json.loads(e)[0] not in nombres]


REGLAS: list[Callable[[Etapas], list[str]]] = [base, copias, candado, ultima]
DOCKERFILE = (RAIZ / "infra/Dockerfile").read_text()


@pytest.mark.parametrize("regla", REGLAS)
def test_el_dockerfile_cumple(regla: Callable[[Etapas], list[str]]) -> None:
    """infra/Dockerfile keeps every rule."""
    assert regla(etapas(DOCKERFILE)) == []


@pytest.mark.parametrize(
    ("regla", "patron", "por"),
    [
        (base, r"python:3\.11\.\d+-slim-bookworm AS", "python:3.11-slim-bookworm AS"),
        (base, r"python:3\.11\.(\d+)-slim-bookworm\n", r"python:3.12.\1-slim-bookworm\n"),
        (copias, r"COPY src \./src", "COPY fuentes ./src"),
        (copias, r"COPY requirements\.lock", "COPY Makefile"),
        (copias, "--from=construccion", "--from=obra"),
        (candado, "--require-hashes ", ""),
        (candado, "--no-index ", ""),
        (candado, "pip download", "true"),
        (ultima, "USER .*", ""),
        (ultima, "USER .*", "USER 0"),
        (ultima, "USER", "RUN apt-get install -y gcc\nUSER"),
        (ultima, "USER", "HEALTHCHECK CMD true\nUSER"),
        (ultima, r'\["aeropartners"\]', '["otro"]'),
        (ultima, r'\["aeropartners"\]', "aeropartners"),
    ],
)
def test_la_falta_se_ve(regla: Callable[[Etapas], list[str]], patron: str, por: str) -> None:
    """Each rule sees a Dockerfile that breaks it."""
    roto = re.sub(patron, por, DOCKERFILE)
    assert roto != DOCKERFILE
    assert regla(etapas(roto))


def test_lo_instalado_lleva_todo_el_codigo() -> None:
    """Every folder of src with code is a package: an image without the migrations would start, and fail."""
    src = RAIZ / "src"
    carpetas = {".".join(p.parent.relative_to(src).parts) for p in src.rglob("*.py")}
    assert carpetas - set(find_packages(str(src))) == set()

"""The size budget of src, and the names that only one file, or none, may use."""

import ast
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "src"
Funcion = ast.FunctionDef | ast.AsyncFunctionDef

# What: p50, p90, never over. The figures are the house style's; they are not raised to let code in.
ARCHIVOS = (75, 200, 300)
FUNCIONES = (8, 25, 50)
POCOS_ARCHIVOS = 20


def fuentes(raiz: Path) -> dict[str, str]:
    """Return the text of each Python file below a folder, by its relative path."""
    return {str(p.relative_to(raiz)): p.read_text() for p in sorted(raiz.rglob("*.py"))}


def lineas(textos: dict[str, str]) -> dict[str, int]:
    """Return the non-blank lines of each file."""
    return {nombre: sum(1 for li in texto.splitlines() if li.strip()) for nombre, texto in textos.items()}


def funciones(textos: dict[str, str]) -> dict[str, int]:
    """Return the lines of each function, from `def` to the end."""
    return {
        f"{nombre}:{nodo.lineno} {nodo.name}": (nodo.end_lineno or nodo.lineno) - nodo.lineno + 1
        for nombre, texto in textos.items()
        for nodo in ast.walk(ast.parse(texto))
        if isinstance(nodo, Funcion)
    }


def excesos(medidas: dict[str, int], presupuesto: tuple[int, int, int], con_mediana: bool) -> list[str]:
    """Say which figures are over the budget, and what the largest ones are."""
    if not medidas:
        return []
    valores, (p50, p90, maximo) = sorted(medidas.values()), presupuesto
    percentiles = [(0.5, p50)] * con_mediana + [(0.9, p90), (1.0, maximo)]
    dichos = [
        f"p{cuota * 100:.0f} {valor} > {limite}"
        for cuota, limite in percentiles
        if (valor := valores[math.ceil(cuota * len(valores)) - 1]) > limite
    ]
    mayores = sorted(medidas, key=lambda nombre: -medidas[nombre])[:10]
    return dichos and [*dichos, *(f"{medidas[nombre]} {nombre}" for nombre in mayores)]


def _importa(raices: set[str]) -> Callable[[ast.AST], bool]:
    def mira(nodo: ast.AST) -> bool:
        if isinstance(nodo, ast.Import):
            return any(alias.name.split(".")[0] in raices for alias in nodo.names)
        return (
            isinstance(nodo, ast.ImportFrom) and not nodo.level and str(nodo.module).split(".")[0] in raices
        )

    return mira


def _lee_el_entorno(nodo: ast.AST) -> bool:
    nombres = {"environ", "environb", "getenv", "getenvb"}
    if isinstance(nodo, ast.ImportFrom):
        return nodo.module == "os" and any(alias.name in nombres for alias in nodo.names)
    es_de_os = isinstance(nodo, ast.Attribute) and isinstance(nodo.value, ast.Name) and nodo.value.id == "os"
    return es_de_os and isinstance(nodo, ast.Attribute) and nodo.attr in nombres


def _calla_un_error(nodo: ast.AST) -> bool:
    """Whether this is an `except Exception` (or wider) that does nothing."""
    if not isinstance(nodo, ast.ExceptHandler):
        return False
    amplio = nodo.type is None or any(
        isinstance(n, ast.Name) and n.id in {"Exception", "BaseException"} for n in ast.walk(nodo.type)
    )
    return amplio and all(
        isinstance(n, ast.Pass | ast.Continue)
        or (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))
        for n in nodo.body
    )


def _donde(textos: dict[str, str], mira: Callable[[ast.AST], bool]) -> Iterator[str]:
    for nombre, texto in textos.items():
        yield from (nombre for nodo in ast.walk(ast.parse(texto)) if mira(nodo))


UNICOS = {
    "pulsar": (
        _importa({"pulsar", "_pulsar"}),
        "aeropartners/seedwork/infraestructura/broker/cliente_pulsar.py",
    ),
    "dependency_injector": (_importa({"dependency_injector"}), "aeropartners/arranque/contenedor.py"),
    "os.environ": (_lee_el_entorno, "aeropartners/arranque/ajustes/variables.py"),
}


@pytest.mark.parametrize(("medir", "presupuesto"), [(lineas, ARCHIVOS), (funciones, FUNCIONES)])
def test_presupuesto(
    medir: Callable[[dict[str, str]], dict[str, int]], presupuesto: tuple[int, int, int]
) -> None:
    """Half of the files and functions are small, nine in ten are moderate, and none is over the bound."""
    textos = fuentes(SRC)
    dichos = excesos(medir(textos), presupuesto, len(textos) >= POCOS_ARCHIVOS)
    assert not dichos, "\n".join(dichos)


@pytest.mark.parametrize("nombre", UNICOS)
def test_un_solo_archivo_lo_nombra(nombre: str) -> None:
    """pulsar, dependency_injector and the environment are each used by the one file meant for it."""
    mira, permitido = UNICOS[nombre]
    assert set(_donde(fuentes(SRC), mira)) <= {permitido}


def test_nada_se_llama_utils() -> None:
    """A file or folder says what it is for."""
    vagos = {"utils", "util", "helpers", "helper", "common"}
    assert [str(p) for p in SRC.rglob("*") if p.stem.lower() in vagos] == []


def test_ningun_error_se_calla() -> None:
    """No `except Exception` passes in silence."""
    assert list(_donde(fuentes(SRC), _calla_un_error)) == []


def test_el_presupuesto_se_nota(tmp_path: Path) -> None:
    """Each figure over its bound is said, and the median only where there are files enough to have one."""
    cuerpo = "\n".join(["def f() -> None:"] + ["    x = 1"] * 50)
    (tmp_path / "largo.py").write_text(cuerpo + "\n\n" + "y = 2\n" * 260)
    textos = fuentes(tmp_path)
    assert lineas(textos) == {"largo.py": 311}
    assert funciones(textos) == {"largo.py:1 f": 51}
    assert excesos(lineas(textos), ARCHIVOS, True)[:3] == ["p50 311 > 75", "p90 311 > 200", "p100 311 > 300"]
    assert excesos(funciones(textos), FUNCIONES, False)[:2] == ["p90 51 > 25", "p100 51 > 50"]
    assert excesos({"a": 8, "b": 25}, FUNCIONES, True) == []


@pytest.mark.parametrize(
    ("texto", "mira", "se_ve"),
    [
        ("import pulsar.schema", UNICOS["pulsar"][0], True),
        ("def f():\n    from _pulsar import Result", UNICOS["pulsar"][0], True),
        ("from aeropartners.seedwork.infraestructura import cliente_pulsar", UNICOS["pulsar"][0], False),
        ("from dependency_injector import providers", UNICOS["dependency_injector"][0], True),
        ("import os\nx = os.environ['A']", _lee_el_entorno, True),
        ("from os import getenv", _lee_el_entorno, True),
        ("import os\nx = os.path", _lee_el_entorno, False),
        ("try:\n    f()\nexcept Exception:\n    pass", _calla_un_error, True),
        ("try:\n    f()\nexcept (ValueError, Exception):\n    ...", _calla_un_error, True),
        ("try:\n    f()\nexcept:\n    pass", _calla_un_error, True),
        ("try:\n    f()\nexcept ValueError:\n    pass", _calla_un_error, False),
        ("try:\n    f()\nexcept Exception:\n    raise", _calla_un_error, False),
    ],
)
def test_la_falta_se_ve(texto: str, mira: Callable[[ast.AST], bool], se_ve: bool) -> None:
    """Each rule sees the line that it forbids, and lets its lawful neighbour through."""
    assert any(_donde({"a.py": texto}, mira)) is se_ve

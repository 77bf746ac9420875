"""The tests of a file are found under its folder and its name."""

from collections.abc import Iterable
from pathlib import Path, PurePath

import pytest

RAIZ = Path(__file__).resolve().parents[2]
UNIDAD = RAIZ / "tests" / "unidad"
PROBADOS = [
    ruta.relative_to(RAIZ).with_suffix("")
    for carpeta in ("src", "bench", "scripts", "infra")
    for ruta in (RAIZ / carpeta).rglob("*")
    if "__" not in str(ruta.relative_to(RAIZ)) and (ruta.suffix == ".py" or ruta.is_dir())
]


def espejo(prueba: PurePath) -> list[PurePath]:
    """Return the files and packages that a test may be of.

    One has its name, or the beginning of it, and lies in folders that are named as the test's, in that order;
    others may lie between.
    """
    nombre = prueba.stem.removeprefix("test_")
    return [
        ruta
        for ruta in PROBADOS
        if f"{nombre}_".startswith(f"{ruta.name}_") and _en_orden(prueba.parent.parts, ruta.parts[:-1])
    ]


def _en_orden(partes: Iterable[str], de: Iterable[str]) -> bool:
    quedan = iter(de)
    return all(parte in quedan for parte in partes)


def test_cada_prueba_lleva_el_nombre_de_lo_que_prueba() -> None:
    """Each file of tests/unidad has a file or a package that it is the test of."""
    pruebas = [ruta.relative_to(UNIDAD) for ruta in UNIDAD.rglob("test_*.py")]
    assert len(pruebas) > 50
    assert [str(prueba) for prueba in pruebas if not espejo(prueba)] == []


@pytest.mark.parametrize(
    ("prueba", "vale"),
    [
        ("seedwork/bucles/test_llamador.py", True),
        ("seedwork/base/test_motor_sqlite.py", True),
        ("arranque/test_cli.py", True),
        ("seedwork/test_lo_ultimo.py", False),
        ("bucles/seedwork/test_llamador.py", False),
        ("pagos/test_llamador.py", False),
        ("seedwork/test_llamadores.py", False),
    ],
)
def test_lo_mal_puesto_se_ve(prueba: str, vale: bool) -> None:
    """A mood for a name, a folder that it is not in, a name that nothing has."""
    assert bool(espejo(PurePath(prueba))) is vale

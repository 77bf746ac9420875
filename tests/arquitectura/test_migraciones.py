"""Migrations expand; one that takes something away says which code may run from then on."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PAQUETE = Path(__file__).resolve().parents[2] / "src/aeropartners"
VERSIONES = [
    *sorted((PAQUETE / "seedwork/infraestructura/migraciones/versions").glob("v*.py")),
    *sorted(PAQUETE.glob("modulos/*/infraestructura/migraciones/v*.py")),
]
# The newest of the first release that looks for a newer schema: those before refused to start on any.
PRIMERA = "0024"
QUITAN = {"drop_table", "drop_column", "rename_table"}
ORDENES = re.compile(
    r"\b(DROP\s+(TABLE|COLUMN)|RENAME\s+(TO|COLUMN)|ALTER\s+COLUMN\s+\w+\s+SET\s+NOT\s+NULL)", re.IGNORECASE
)


def faltas(nombre: str, texto: str) -> list[str]:
    """Return what a migration takes away without raising the oldest code that may run."""
    revision = re.search(r'^revision = "(\d+)"', texto, re.M)
    assert revision, f"{nombre} no dice su revisión"
    if revision[1] <= PRIMERA or "minimo.exigir(" in texto:
        return []
    return [f"{nombre}: {quita}" for quita in _quita(ast.parse(texto))]


def _quita(arbol: ast.AST) -> Iterator[str]:
    for nodo in ast.walk(arbol):
        if isinstance(nodo, ast.Call) and isinstance(nodo.func, ast.Attribute):
            texto = ast.unparse(nodo)
            renombra = nodo.func.attr == "alter_column" and "new_column_name" in texto
            exige = nodo.func.attr == "add_column" and "nullable=False" in texto and "default" not in texto
            if nodo.func.attr in QUITAN or renombra or exige:
                yield texto
        if isinstance(nodo, ast.Constant) and isinstance(nodo.value, str):
            yield from (orden[0] for orden in ORDENES.finditer(nodo.value))


def test_ninguna_migracion_quita_sin_decirlo() -> None:
    """An older release runs beside each of them, unless it says which no longer may."""
    encontradas = [f for p in VERSIONES for f in faltas(p.name, p.read_text())]
    assert encontradas == []


def test_las_revisiones_se_ordenan_como_sus_textos() -> None:
    """`Esquema` compares them so."""
    textos = [re.search(r'^revision = "(\d+)"', p.read_text(), re.M) for p in VERSIONES]
    assert {len(t[1]) for t in textos if t} == {4}


@pytest.mark.parametrize(
    ("cuerpo", "se_ve"),
    [
        ("op.drop_table('x')", True),
        ("op.drop_column('x', 'y')", True),
        ("op.alter_column('x', 'y', new_column_name='z')", True),
        ("op.execute('ALTER TABLE x RENAME COLUMN y TO z')", True),
        ("op.execute('alter table x drop  column y')", True),
        ("op.add_column('x', sa.Column('y', sa.Integer, nullable=False))", True),
        ("op.add_column('x', sa.Column('y', sa.Integer, nullable=False, server_default='0'))", False),
        ("op.add_column('x', sa.Column('y', sa.Integer))", False),
        ("op.drop_column('x', 'y')\nminimo.exigir('0030')", False),
        ("op.execute('CREATE TABLE x (y int)')", False),
    ],
)
def test_la_falta_se_ve(cuerpo: str, se_ve: bool) -> None:
    """Each way of taking something away is seen, and its lawful neighbour is not."""
    assert bool(faltas("v0099_x.py", f'revision = "0099"\n{cuerpo}')) is se_ve
    assert not faltas("v0001_x.py", f'revision = "0001"\n{cuerpo}')

"""The lock file, as pip reads it: what a library asks for with extras is pinned with them."""

import re
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

RAIZ = Path(__file__).resolve().parents[2]
CANDADO = (RAIZ / "requirements.lock").read_text()


def fijadas(texto: str) -> dict[str, set[str]]:
    """Return the extras of each library of a lock, by its name."""
    leidas = [Requirement(r) for r in re.findall(r"^([\w.\[\],-]+==[^\s;]+)", texto, re.MULTILINE)]
    return {canonicalize_name(r.name): r.extras for r in leidas}


def faltas(texto: str) -> list[str]:
    """Return what is asked for with extras that the lock does not name: pip 23 takes it for not pinned."""
    suyas = fijadas(texto)
    pedidas = [Requirement(p) for nombre in [*suyas, "aeropartners"] for p in requires(nombre) or ()]
    return [
        str(p)
        for p in pedidas
        if p.extras
        and (p.marker is None or p.marker.evaluate({"extra": ""}))
        and not p.extras <= suyas.get(canonicalize_name(p.name), set())
    ]


def test_lo_pedido_con_extras_se_fija_con_ellos() -> None:
    """`pip install --require-hashes -r requirements.lock` works as `uv pip install` does."""
    assert len(fijadas(CANDADO)) > 50
    assert faltas(CANDADO) == []


@pytest.mark.parametrize("extra", ["[marshmallow]", "[toml]", "[crypto]"])
def test_la_falta_se_ve(extra: str) -> None:
    """A lock that was made without extras."""
    assert CANDADO.count(extra) == 1
    assert any(extra in falta for falta in faltas(CANDADO.replace(extra, "")))

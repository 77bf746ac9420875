"""The environments of the peers: lock files, uv's settings, and what is said when something is missing."""

import ast
import re
import shutil
from pathlib import Path

import pytest
from bench.pares import PARES, entornos

NOMBRES = sorted({nombre for nombre, _ in PARES})


@pytest.mark.parametrize("par", NOMBRES)
def test_cerradura(par: str) -> None:
    """A lock file pins every package with hashes, has what was asked for, and names no registry."""
    texto = entornos.cerradura(par).read_text()
    paquetes = re.split(r"\n(?! )", texto.strip())
    assert all(re.match(r"[\w.-]+==\S+ \\\n", p) and "--hash=sha256:" in p for p in paquetes)
    assert "://" not in texto
    fijados = {p.split("==")[0] for p in paquetes}
    assert {re.sub(r"\[.*", "", nombre) for nombre in entornos.PAQUETES[par]} <= fijados


@pytest.mark.parametrize("par", NOMBRES)
def test_variantes(par: str) -> None:
    """The list of peers names the variants that each program takes."""
    texto = (Path(entornos.AQUI) / f"{par}_.py").read_text()
    cadenas = {n.value for n in ast.walk(ast.parse(texto)) if isinstance(n, ast.Constant)}
    assert {variante for nombre, variante in PARES if nombre == par} <= cadenas


def test_uv_oye_a_pip() -> None:
    """uv gets pip's index, wheels and certificate under its own names; what uv has already is kept."""
    entorno = {"PIP_FIND_LINKS": "/ruedas /otras", "PIP_CERT": "/c.pem", "SSL_CERT_FILE": "/propio.pem"}
    assert entornos.entorno_uv(entorno, "indice") == {
        **entorno,
        "UV_DEFAULT_INDEX": "indice",
        "UV_FIND_LINKS": "/ruedas,/otras",
    }


def test_uv_sin_nada_que_oir() -> None:
    """Without settings of pip there are none for uv."""
    assert entornos.entorno_uv({"A": "b"}, "") == {"A": "b"}


def test_temporal_sin_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Go, Temporal is left out, and the reason is said."""
    monkeypatch.setattr(entornos, "BASE", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda programa: None)
    with pytest.raises(entornos.Omitido, match="no hay `go`"):
        entornos.disponible("temporal")


def test_temporal_ya_construido(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that was built once is not built again."""
    monkeypatch.setattr(entornos, "BASE", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda programa: None)
    (tmp_path / f"temporal-servidor-{entornos.TEMPORAL}").mkdir()
    assert entornos.temporal() == tmp_path / f"temporal-servidor-{entornos.TEMPORAL}"

"""The tree that is compared with: the commit's worktree, an environment of its own, never half of it."""

import subprocess
from pathlib import Path

import pytest
from bench import arbol
from bench.pares.entornos import Omitido


def git(donde: Path, *orden: str) -> str:
    """Run git as somebody."""
    quien = ("-c", "user.name=yo", "-c", "user.email=yo@ejemplo")
    return subprocess.run(
        ["git", *quien, *orden], cwd=donde, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def ordenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """A repository with one commit, and what uv was asked for in it: here uv only makes the folder."""
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text(".bench/\n.venv/\n")
    (tmp_path / "requirements.lock").touch()
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "uno")
    pedidas: list[tuple[str, ...]] = []

    def uv(*orden: str) -> None:
        pedidas.append(orden)
        if orden[0] == "venv":
            Path(orden[-1]).mkdir()

    monkeypatch.setattr(arbol, "RAIZ", tmp_path)
    monkeypatch.setattr(arbol, "CONTRA", tmp_path / ".bench" / "contra")
    monkeypatch.setattr(arbol, "uv", uv)
    return pedidas


def test_un_commit_tiene_arbol_y_entorno(ordenes: list[tuple[str, ...]], tmp_path: Path) -> None:
    """The worktree is of the commit; the environment is of its lock file and of its code, in this order."""
    hecho = arbol.traer("HEAD")
    carpeta = tmp_path / ".bench" / "contra" / hecho.nombre
    assert git(carpeta, "rev-parse", "HEAD").startswith(hecho.nombre)
    assert hecho.cli == (str(carpeta / ".venv" / "bin" / "aeropartners"),)
    assert [orden[0] for orden in ordenes] == ["venv", "pip", "pip"]
    assert str(carpeta / "requirements.lock") in ordenes[1]
    assert ordenes[2][-2:] == ("-e", str(carpeta))


def test_un_arbol_entero_se_usa_otra_vez(ordenes: list[tuple[str, ...]]) -> None:
    """The same commit, under whatever name, is made once."""
    assert arbol.traer("HEAD") == arbol.traer("HEAD^0")
    assert len(ordenes) == 3


def test_un_arbol_a_medias_se_hace_de_nuevo(
    ordenes: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What broke off is never taken for whole: the mark comes last."""

    def falla(*orden: str) -> None:
        if orden[0] == "pip":
            raise Omitido("no hay índice")
        buena(*orden)

    buena = arbol.uv
    monkeypatch.setattr(arbol, "uv", falla)
    with pytest.raises(SystemExit, match="no hay índice"):
        arbol.traer("HEAD")
    monkeypatch.setattr(arbol, "uv", buena)
    ordenes.clear()
    arbol.traer("HEAD")
    assert len(ordenes) == 3


def test_un_arbol_borrado_a_mano_se_hace_de_nuevo(ordenes: list[tuple[str, ...]], tmp_path: Path) -> None:
    """git still knows a worktree whose folder is gone; that is no reason to fail."""
    carpeta = tmp_path / ".bench" / "contra" / arbol.traer("HEAD").nombre
    carpeta.rename(tmp_path / "otra")
    arbol.traer("HEAD")
    assert len(ordenes) == 6


def test_un_arbol_cambiado_no_es_el_commit(ordenes: list[tuple[str, ...]], tmp_path: Path) -> None:
    """Somebody worked in the worktree: it is neither measured as the commit nor removed."""
    carpeta = tmp_path / ".bench" / "contra" / arbol.traer("HEAD").nombre
    (carpeta / "requirements.lock").write_text("otra\n")
    with pytest.raises(SystemExit, match="alguien lo cambió"):
        arbol.traer("HEAD")
    assert (carpeta / "requirements.lock").read_text() == "otra\n"


@pytest.mark.usefixtures("ordenes")
def test_lo_que_no_es_un_commit() -> None:
    """A name that git does not know is said, and nothing is made."""
    with pytest.raises(SystemExit, match="no-esta"):
        arbol.traer("no-esta")


@pytest.mark.usefixtures("ordenes")
def test_este_arbol_dice_si_tiene_cambios(tmp_path: Path) -> None:
    """A tree with changes is measured as it is, and its name says so."""
    limpio = arbol.como_esta()
    (tmp_path / "nuevo").touch()
    assert arbol.como_esta().nombre == f"{limpio.nombre} con cambios"
    assert arbol.como_esta().cli == arbol.ESTE.cli


def test_pythonpath_no_se_hereda(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would put the packages of this tree before those of the other's environment."""
    monkeypatch.setenv("PYTHONPATH", "src")
    assert "PYTHONPATH" not in arbol.sin_pythonpath()

"""Folders and files that nobody else reads: made so, closed when they were not, or refused."""

from pathlib import Path

import pytest

from aeropartners.seedwork.infraestructura.base.archivos_privados import (
    AlcanceDeOtros,
    archivo_privado,
    carpeta_privada,
)


def modo(ruta: Path) -> int:
    """Who may do what."""
    return ruta.stat().st_mode & 0o777


def nuestro(nombre: str) -> bool:
    """Whether it belongs in the folder."""
    return nombre.startswith("base.db")


def test_una_carpeta_nueva_y_una_vieja(tmp_path: Path) -> None:
    """Both end as their owner's alone, with what is in it."""
    nueva, vieja = tmp_path / "a" / "nueva", tmp_path / "vieja"
    vieja.mkdir()
    vieja.chmod(0o755)
    (vieja / "base.db").touch()
    for carpeta in (nueva, vieja):
        carpeta_privada(carpeta, nuestro)
        assert modo(carpeta) == 0o700


def test_una_carpeta_de_otra_cosa_no_se_cierra(tmp_path: Path) -> None:
    """To close it would shut out who uses the rest: it is refused by name, and left as it is."""
    tmp_path.chmod(0o755)
    (tmp_path / "ajeno.txt").touch()
    with pytest.raises(AlcanceDeOtros, match=r"ajeno\.txt"):
        carpeta_privada(tmp_path, nuestro)
    assert modo(tmp_path) == 0o755


def test_un_archivo_y_sus_anexos(tmp_path: Path) -> None:
    """What lies open is closed; what is not there is made closed."""
    for nombre in ("base.db", "base.db-wal", "base.db-shm"):
        (tmp_path / nombre).touch()
        (tmp_path / nombre).chmod(0o664)
    archivo_privado(tmp_path / "base.db")
    archivo_privado(tmp_path / "otra.db")
    assert {modo(p) for p in tmp_path.iterdir()} == {0o600}


def test_lo_que_no_es_nuestro_no_se_puede_cerrar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and not passed over."""

    def negar(*_args: object) -> None:
        raise PermissionError

    (tmp_path / "base.db").touch()
    (tmp_path / "base.db").chmod(0o644)
    monkeypatch.setattr(Path, "chmod", negar)
    with pytest.raises(AlcanceDeOtros, match=r"base\.db"):
        archivo_privado(tmp_path / "base.db")

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


@pytest.mark.parametrize("par", entornos.SERVIDORES)
def test_servidor_sin_go(par: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Go, a peer whose server is built with it is left out, and the reason is said."""
    monkeypatch.setattr(entornos, "BASE", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda programa: None)
    nombre = entornos.SERVIDORES[par].nombre
    with pytest.raises(entornos.Omitido, match=f"{nombre} se omite.*no hay `go`"):
        entornos.disponible(par)


@pytest.mark.parametrize("par", entornos.SERVIDORES)
def test_servidor_ya_construido(par: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that was built once is not built again; another version is another folder."""
    monkeypatch.setattr(entornos, "BASE", tmp_path)
    monkeypatch.setattr(shutil, "which", lambda programa: None)
    carpeta = tmp_path / f"{par}-servidor-{entornos.SERVIDORES[par].version}"
    carpeta.mkdir()
    assert entornos.servidor(par) == carpeta


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `go` whose download is the folder `fuente`, and whose build makes a file of its arguments."""
    fuente = tmp_path / "fuente"
    (fuente / "sqls").mkdir(parents=True)
    for archivo in (a for servidor in entornos.SERVIDORES.values() for a in servidor.archivos):
        (fuente / archivo).write_text("CREATE TABLE t ();")
        (fuente / archivo).chmod(0o400)
    ejecutable = tmp_path / "bin" / "go"
    ejecutable.parent.mkdir()
    ejecutable.write_text(
        "#!/bin/sh\n"
        f'echo "$@" >> {tmp_path}/ordenes\n'
        f'[ "$1" = mod ] && exec echo \'{{"Dir": "{fuente}"}}\'\n'
        f"[ -e {fuente}/no-compila ] && echo no compila >&2 && exit 1\n"
        'echo construido > "$5/construido"\n'
    )
    ejecutable.chmod(0o700)
    monkeypatch.setenv("PATH", str(ejecutable.parent), prepend=":")
    monkeypatch.setattr(entornos, "BASE", tmp_path / "base")
    return fuente


@pytest.mark.parametrize("par", entornos.SERVIDORES)
def test_servidor_se_construye(par: str, go: Path, tmp_path: Path) -> None:
    """The pinned version is downloaded, its commands are built, and its files stand beside them, writable."""
    cual = entornos.SERVIDORES[par]
    carpeta = entornos.servidor(par)
    bajar, construir = (tmp_path / "ordenes").read_text().splitlines()
    assert bajar == f"mod download -json {cual.modulo}@v{cual.version}"
    assert construir.startswith(f"build -C {go} -o ")
    assert construir.endswith(" ".join(f"./{orden}" for orden in cual.ordenes))
    assert {a.name for a in carpeta.iterdir()} == {"construido", *(Path(a).name for a in cual.archivos)}
    assert all(a.stat().st_mode & 0o200 for a in carpeta.iterdir())


def test_servidor_a_medias(go: Path) -> None:
    """A build that fails leaves the peer out, says why, and is not taken for whole the next time."""
    (go / "no-compila").touch()
    for _ in range(2):
        with pytest.raises(entornos.Omitido, match="no compila"):
            entornos.servidor("temporal")

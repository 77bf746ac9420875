"""The environment of each peer, made once from its lock file, and the servers of two, built with Go.

Both are kept outside the checkout, in AEROPARTNERS_CACHE, as Pulsar is. A lock file is made again by
`python -m bench.pares.entornos`, which chooses the newest versions.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

AQUI = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("AEROPARTNERS_CACHE") or Path.home() / ".cache" / "aeropartners").resolve()
BASE = CACHE / "pares"
PAQUETES = {
    "dbos": ("dbos", "psycopg[binary]"),
    "eventsourcing": ("eventsourcing[postgres]", "psycopg[binary]"),
    "temporal": ("temporalio", "psycopg[binary]"),
    "dtm": ("httptools", "psycopg[binary]", "uvloop"),
}


@dataclass(frozen=True, slots=True)
class Servidor:
    """A server written in Go: its module, the commands of it that are built, the files that go with them."""

    nombre: str
    modulo: str
    version: str
    ordenes: tuple[str, ...]
    archivos: tuple[str, ...] = ()


SERVIDORES = {
    "temporal": Servidor("Temporal", "go.temporal.io/server", "1.32.0", ("cmd/server", "cmd/tools/sql")),
    "dtm": Servidor(
        "DTM", "github.com/dtm-labs/dtm", "1.19.0", (".",), ("sqls/dtmsvr.storage.postgres.sql",)
    ),
}
# uv does not read pip's configuration: it is handed its index, its wheels and its certificate.
PIP_A_UV = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
    "PIP_CERT": "SSL_CERT_FILE",
}


class Omitido(Exception):
    """A peer that cannot run here; the message says why."""


def cerradura(par: str) -> Path:
    """Return the lock file of a peer."""
    return AQUI / f"{par}.lock"


def python(par: str) -> Path:
    """Return the interpreter of a peer's environment; the environment is made if its lock file is new."""
    huella = hashlib.sha256(cerradura(par).read_bytes() + sys.version.encode()).hexdigest()[:12]
    carpeta = BASE / f"{par}-{huella}"
    with _cerrojo(par):
        if not (carpeta / "listo").exists():
            shutil.rmtree(carpeta, ignore_errors=True)
            uv("venv", "--python", sys.executable, str(carpeta))
            interprete = ("--python", str(carpeta / "bin" / "python"))
            uv("pip", "install", *interprete, "--require-hashes", "-r", str(cerradura(par)))
            (carpeta / "listo").touch()
    return carpeta / "bin" / "python"


def servidor(par: str) -> Path:
    """Return the folder of a peer's server; it is built with Go if it is not there."""
    cual = SERVIDORES[par]
    carpeta = BASE / f"{par}-servidor-{cual.version}"
    with _cerrojo(f"{par}-servidor"):
        if not carpeta.exists():
            _construir(cual, carpeta)
    return carpeta


def _construir(cual: Servidor, carpeta: Path) -> None:
    """Build aside and move in place: a half-made folder is never taken for whole."""
    if not shutil.which("go"):
        raise Omitido(f"{cual.nombre} se omite: su servidor se construye con Go, y no hay `go` en el PATH")
    aparte = carpeta.with_suffix(".aparte")
    shutil.rmtree(aparte, ignore_errors=True)
    aparte.mkdir()
    print(f"Construyendo {cual.nombre} {cual.version} (una sola vez) en {BASE}", file=sys.stderr, flush=True)
    # Not `go install module@version`, which also asks for the list of versions: a proxy may not have it.
    entorno = {**os.environ, "GOWORK": "off"}
    bajado = _correr("go", "mod", "download", "-json", f"{cual.modulo}@v{cual.version}", entorno=entorno)
    fuente = json.loads(bajado)["Dir"]
    paquetes = [f"./{orden}" for orden in cual.ordenes]
    _correr("go", "build", "-C", fuente, "-o", f"{aparte}/", *paquetes, entorno=entorno)
    for archivo in cual.archivos:
        # The module cache is read-only, and a copy of its file must not be.
        shutil.copyfile(Path(fuente) / archivo, aparte / Path(archivo).name)
    aparte.rename(carpeta)


def disponible(par: str) -> None:
    """Make what a peer needs; raise `Omitido` if that cannot be had here."""
    if par in SERVIDORES:
        servidor(par)
    python(par)


@contextmanager
def _cerrojo(nombre: str) -> Iterator[None]:
    BASE.mkdir(parents=True, exist_ok=True)
    with (BASE / f"{nombre}.cerrojo").open("w") as archivo:
        fcntl.flock(archivo, fcntl.LOCK_EX)
        yield


def uv(*orden: str, ruedas: bool = True) -> None:
    """Run uv, which stands beside our interpreter or on the PATH, with what pip is configured with."""
    vecino = Path(sys.executable).parent / "uv"
    programa = str(vecino) if vecino.exists() else shutil.which("uv")
    if not programa:
        raise Omitido("Falta uv, que hace los entornos: `make lint` lo instala en .venv")
    entorno = entorno_uv(os.environ, _indice())
    if not ruedas:
        entorno.pop("UV_FIND_LINKS", None)
    _correr(programa, *orden, entorno=entorno)


def entorno_uv(entorno: Mapping[str, str], indice: str) -> dict[str, str]:
    """Return the environment with pip's settings under uv's names, unless uv has its own."""
    de_pip = {"PIP_INDEX_URL": indice, **entorno}
    # pip separates by spaces, uv by commas.
    suyas = {uv: ",".join(de_pip[pip].split()) for pip, uv in PIP_A_UV.items() if de_pip.get(pip)}
    return {**suyas, **entorno}


def _indice() -> str:
    orden = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    return subprocess.run(orden, capture_output=True, text=True).stdout.strip()


def _correr(*orden: str, entorno: Mapping[str, str]) -> str:
    hecho = subprocess.run(orden, env=entorno, capture_output=True, text=True)
    if hecho.returncode != 0:
        raise Omitido(f"Falló: {' '.join(orden)}\n{hecho.stdout}{hecho.stderr}".rstrip())
    return hecho.stdout


def bloquear(par: str) -> None:
    """Choose the versions of a peer again, with their hashes."""
    entrada = BASE / f"{par}.in"
    BASE.mkdir(parents=True, exist_ok=True)
    entrada.write_text("\n".join(PAQUETES[par]) + "\n")
    opciones = ("--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-header")
    sin_notas = ("--no-annotate", "--upgrade", "-q", str(entrada), "-o", str(cerradura(par)))
    uv("pip", "compile", *opciones, *sin_notas, ruedas=False)


if __name__ == "__main__":
    for nombre in PAQUETES:
        bloquear(nombre)

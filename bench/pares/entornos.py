"""The environment of each peer, made once from its lock file, and Temporal's server, built with Go.

Both are kept outside the checkout, in AEROPARTNERS_CACHE, as Pulsar is. A lock file is made again by
`python -m bench.pares.entornos`, which chooses the newest versions.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

AQUI = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("AEROPARTNERS_CACHE") or Path.home() / ".cache" / "aeropartners").resolve()
BASE = CACHE / "pares"
PAQUETES = {
    "dbos": ("dbos", "psycopg[binary]"),
    "eventsourcing": ("eventsourcing[postgres]", "psycopg[binary]"),
    "temporal": ("temporalio", "psycopg[binary]"),
}
TEMPORAL = "1.32.0"
MODULO = "go.temporal.io/server"
HERRAMIENTAS = ("cmd/server", "cmd/tools/sql")
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
            _uv("venv", "--python", sys.executable, str(carpeta))
            interprete = ("--python", str(carpeta / "bin" / "python"))
            _uv("pip", "install", *interprete, "--require-hashes", "-r", str(cerradura(par)))
            (carpeta / "listo").touch()
    return carpeta / "bin" / "python"


def temporal() -> Path:
    """Return the folder of Temporal's `server` and `sql`; they are built with Go if they are not there."""
    carpeta = BASE / f"temporal-servidor-{TEMPORAL}"
    with _cerrojo("temporal-servidor"):
        if not carpeta.exists():
            _construir(carpeta)
    return carpeta


def _construir(carpeta: Path) -> None:
    """Build aside and move in place: a half-made folder is never taken for whole."""
    if not shutil.which("go"):
        raise Omitido("Temporal se omite: su servidor se construye con Go, y no hay `go` en el PATH")
    aparte = carpeta.with_suffix(".aparte")
    shutil.rmtree(aparte, ignore_errors=True)
    print(f"Construyendo Temporal {TEMPORAL} (una sola vez) en {BASE}", file=sys.stderr, flush=True)
    paquetes = [f"{MODULO}/{herramienta}@v{TEMPORAL}" for herramienta in HERRAMIENTAS]
    _correr("go", "install", *paquetes, entorno={**os.environ, "GOBIN": str(aparte)})
    aparte.rename(carpeta)


def disponible(par: str) -> None:
    """Make what a peer needs; raise `Omitido` if that cannot be had here."""
    if par == "temporal":
        temporal()
    python(par)


@contextmanager
def _cerrojo(nombre: str) -> Iterator[None]:
    BASE.mkdir(parents=True, exist_ok=True)
    with (BASE / f"{nombre}.cerrojo").open("w") as archivo:
        fcntl.flock(archivo, fcntl.LOCK_EX)
        yield


def _uv(*orden: str, ruedas: bool = True) -> None:
    """Run uv, which stands beside our interpreter or on the PATH, with what pip is configured with."""
    vecino = Path(sys.executable).parent / "uv"
    uv = str(vecino) if vecino.exists() else shutil.which("uv")
    if not uv:
        raise Omitido("Falta uv, que hace los entornos de los pares: `make lint` lo instala en .venv")
    entorno = entorno_uv(os.environ, _indice())
    if not ruedas:
        entorno.pop("UV_FIND_LINKS", None)
    _correr(uv, *orden, entorno=entorno)


def entorno_uv(entorno: Mapping[str, str], indice: str) -> dict[str, str]:
    """Return the environment with pip's settings under uv's names, unless uv has its own."""
    de_pip = {"PIP_INDEX_URL": indice, **entorno}
    # pip separates by spaces, uv by commas.
    suyas = {uv: ",".join(de_pip[pip].split()) for pip, uv in PIP_A_UV.items() if de_pip.get(pip)}
    return {**suyas, **entorno}


def _indice() -> str:
    orden = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    return subprocess.run(orden, capture_output=True, text=True).stdout.strip()


def _correr(*orden: str, entorno: Mapping[str, str]) -> None:
    hecho = subprocess.run(orden, env=entorno, capture_output=True, text=True)
    if hecho.returncode != 0:
        raise Omitido(f"Falló: {' '.join(orden)}\n{hecho.stdout}{hecho.stderr}".rstrip())


def bloquear(par: str) -> None:
    """Choose the versions of a peer again, with their hashes."""
    entrada = BASE / f"{par}.in"
    BASE.mkdir(parents=True, exist_ok=True)
    entrada.write_text("\n".join(PAQUETES[par]) + "\n")
    opciones = ("--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-header")
    sin_notas = ("--no-annotate", "--upgrade", "-q", str(entrada), "-o", str(cerradura(par)))
    _uv("pip", "compile", *opciones, *sin_notas, ruedas=False)


if __name__ == "__main__":
    for nombre in PAQUETES:
        bloquear(nombre)

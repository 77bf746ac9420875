"""What both services need: directories, packages, processes, and waiting for a fact."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

RAIZ = Path(__file__).resolve().parents[2]
DIRECTORIO = Path(os.environ.get("SERVICIOS_DIR") or RAIZ / ".servicios").resolve()
_APT = threading.Lock()


def de_mas(variable: str) -> dict[str, str]:
    """Return settings besides ours, from a file of `key=value` that a variable names: TLS, in tests of it."""
    lineas = Path(os.environ[variable]).read_text().splitlines() if os.environ.get(variable) else []
    return dict(linea.split("=", 1) for linea in lineas if "=" in linea)


class Falta(Exception):
    """Something is missing or did not come up; the message says what to do."""


def correr(orden: list[str], **opciones: object) -> str:
    """Run a command without input and return its output; a failure says what the command said."""
    hecho = subprocess.run(orden, capture_output=True, text=True, stdin=subprocess.DEVNULL, **opciones)  # type: ignore[call-overload]
    if hecho.returncode != 0:
        raise Falta(f"Falló: {' '.join(orden)}\n{hecho.stdout}{hecho.stderr}".rstrip())
    return str(hecho.stdout)


def instalar(programa: str, paquetes: list[str], buscar: Callable[[], str | None]) -> str:
    """Return the path of a program; install its Debian packages as root, or say which they are."""
    with _APT:
        if ruta := buscar():
            return ruta
        orden = f"apt-get update && apt-get install -y --no-install-recommends {' '.join(paquetes)}"
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise Falta(f"Falta {programa}. Como root: {orden}")
        correr(["sh", "-c", orden], env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
        if ruta := buscar():
            return ruta
    raise Falta(f"{programa} no aparece tras instalar {' '.join(paquetes)}")


def cola(registro: Path) -> str:
    """Return the end of a log."""
    if not registro.exists():
        return "(sin registro)"
    return f"Final de {registro}:\n" + registro.read_text(errors="replace")[-3000:]


def esperar(hecho: Callable[[], bool], que: str, registro: Path, segundos: float = 120) -> None:
    """Wait for a fact; when it does not come, say which, with the end of the service's log."""
    limite = time.monotonic() + segundos
    while not hecho():
        if time.monotonic() > limite:
            raise Falta(f"No llegó en {segundos:.0f} s: {que}\n{cola(registro)}")
        time.sleep(0.2)


@contextmanager
def cerrojo(ruta: Path) -> Iterator[None]:
    """Keep two processes from starting, stopping or fetching the same thing at the same time."""
    ruta.parent.mkdir(parents=True, exist_ok=True)
    with ruta.open("w") as archivo:
        fcntl.flock(archivo, fcntl.LOCK_EX)
        yield


def exigir_libre(puerto: int, variable: str) -> None:
    """Refuse a port that somebody else listens on, before a half-started service hides the reason."""
    with socket.socket() as sonda:
        if sonda.connect_ex(("127.0.0.1", puerto)) == 0:
            raise Falta(f"El puerto {puerto} ya está en uso; elija otro con {variable}")


def pid_propio(archivo: Path, marca: str) -> int | None:
    """Return the process that a pid file names, if it is ours: a recycled pid must never be signalled."""
    try:
        pid = int(archivo.read_text().split()[0])
        orden = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return None
    return pid if marca.encode() in orden and vivo(pid) else None


def vivo(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    return _estado(pid)[0] not in "Z "


def _estado(pid: int) -> tuple[str, int]:
    """Return the state letter and the parent of a process; a blank when there is none."""
    try:
        letra, padre = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[:2]
    except (OSError, IndexError):
        return " ", 0
    return letra, int(padre)


def trabajan_en(carpeta: Path) -> list[int]:
    """Return the living processes whose working directory is this one."""
    pids = []
    for enlace in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if enlace.readlink() == carpeta:
                pids.append(int(enlace.parent.name))
    return pids


def _con_descendientes(pid: int) -> list[int]:
    todos = [(int(p.name), _estado(int(p.name))[1]) for p in Path("/proc").iterdir() if p.name.isdigit()]
    familia = [pid]
    for miembro in familia:
        familia += [hijo for hijo, padre in todos if padre == miembro]
    return familia


def parar(pid: int | None, senal: signal.Signals, segundos: float = 60) -> None:
    """Send a signal to a process (kill -9: to its descendants too) and wait until all are gone."""
    if pid is None:
        return
    familia = _con_descendientes(pid)
    for miembro in familia if senal == signal.SIGKILL else [pid]:
        if vivo(miembro):
            os.kill(miembro, senal)
    limite = time.monotonic() + segundos
    while any(vivo(miembro) for miembro in familia):
        if time.monotonic() > limite:
            raise Falta(f"El proceso {pid} no terminó en {segundos:.0f} s con {senal.name}")
        time.sleep(0.1)

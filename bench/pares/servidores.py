"""A peer's own server: its start, its end, and the name of a database of its own."""

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from bench.pares.filas import SinCifra

ARRANQUE = 90.0


@contextmanager
def en_marcha(nombre: str, orden: Sequence[str], puerto: int, registro: Path) -> Iterator[None]:
    """Start a server, wait until it listens, and end it."""
    with registro.open("wb") as salida:
        proceso = subprocess.Popen(orden, stdout=salida, stderr=salida, stdin=subprocess.DEVNULL)
    try:
        _esperar(nombre, proceso, puerto, registro)
        yield
    finally:
        proceso.terminate()
        with suppress(subprocess.TimeoutExpired):
            proceso.wait(30)
        proceso.kill()
        proceso.wait()


def _esperar(nombre: str, proceso: subprocess.Popen[bytes], puerto: int, registro: Path) -> None:
    limite = time.monotonic() + ARRANQUE
    while proceso.poll() is None and time.monotonic() < limite:
        with socket.socket() as sonda:
            if sonda.connect_ex(("127.0.0.1", puerto)) == 0:
                return
        time.sleep(0.1)
    raise SinCifra(f"Sin cifra: {nombre} no arrancó\n{registro.read_text(errors='replace')[-3000:]}")


def base_vecina(url: str, sufijo: str) -> str:
    """Return the name of a database beside the run's own, which `corrida` drops with it."""
    return f"{urlsplit(url).path[1:]}_{sufijo}"

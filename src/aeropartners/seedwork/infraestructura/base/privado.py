"""Files that nobody else of the machine reads: folders 0700, files 0600, those that were there before too."""

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CARPETA, ARCHIVO = 0o700, 0o600
CERROJO = "cerrojo"
_DE_OTROS = 0o077
# What SQLite keeps beside a database; it makes them with the mode of the database itself.
_ANEXOS = ("", "-wal", "-shm", "-journal")


class AlcanceDeOtros(Exception):
    """Others may come in, and that cannot be mended from here; the message names the place."""


class OtroTrabaja(Exception):
    """Another process works on the same folder, which only one may; the message names the folder."""


@contextmanager
def uno_solo(carpeta: Path) -> Iterator[None]:
    """Be the only process that works on a folder; raises OtroTrabaja. A dead process holds nothing."""
    descriptor = os.open(carpeta / CERROJO, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, ARCHIVO)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OtroTrabaja(f"otro proceso trabaja en {carpeta}: párelo, o dé otra carpeta") from error
        yield
    finally:
        os.close(descriptor)


def carpeta_privada(ruta: Path, nuestro: Callable[[str], bool]) -> None:
    """Make a folder, or close one of ours to others; `nuestro` tells by its name what belongs in it.

    One with other things in it is somebody's for another purpose: closing it would break that, so it is
    refused. Raises AlcanceDeOtros.
    """
    ruta.mkdir(mode=CARPETA, parents=True, exist_ok=True)
    estado = ruta.stat()
    if not stat.S_IMODE(estado.st_mode) & _DE_OTROS:
        return
    if ajenos := sorted(p.name for p in ruta.iterdir() if not nuestro(p.name)):
        raise AlcanceDeOtros(
            f"{ruta}: otros usuarios de esta máquina pueden entrar, y tiene cosas ajenas"
            f" ({', '.join(ajenos[:3])}): dé una carpeta propia"
        )
    _cerrar(ruta, CARPETA)


def archivo_privado(ruta: Path) -> None:
    """Make a file, or close it and what SQLite keeps beside it to others; raises AlcanceDeOtros."""
    os.close(os.open(ruta, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, ARCHIVO))
    for anexo in _ANEXOS:
        suyo = ruta.with_name(ruta.name + anexo)
        if suyo.exists() and stat.S_IMODE(suyo.stat().st_mode) & _DE_OTROS:
            _cerrar(suyo, ARCHIVO)


def _cerrar(ruta: Path, modo: int) -> None:
    try:
        ruta.chmod(modo)
    except PermissionError as error:
        raise AlcanceDeOtros(
            f"{ruta}: otros usuarios de esta máquina pueden leerlo, y no es nuestro para cerrarlo"
        ) from error

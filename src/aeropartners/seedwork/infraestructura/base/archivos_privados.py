"""Files and folders that only our user may read: folders 0700, files 0600, existing ones included."""

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CARPETA, ARCHIVO = 0o700, 0o600
CERROJO = "cerrojo"
_DE_OTROS = 0o077
# The files that SQLite keeps beside a database; it creates them with the mode of the database file.
_ANEXOS = ("", "-wal", "-shm", "-journal")


class AlcanceDeOtros(Exception):
    """Other users can read a path, and we may not or must not change its mode; the message names it."""


class OtroTrabaja(Exception):
    """Another process holds the lock of the folder; the message names the folder."""


@contextmanager
def uno_solo(carpeta: Path) -> Iterator[None]:
    """Hold the lock of a folder, which only one process may use; raises OtroTrabaja.

    The lock of a process that died is free.
    """
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
    """Create a folder for our user only, or set the mode of an existing one; raises AlcanceDeOtros.

    `nuestro` tells whether a file name is ours. A folder that others can enter and that holds other files is
    refused: changing its mode could break their use.
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
    """Create a file for our user only, or set its mode and those of SQLite's files beside it.

    Raises AlcanceDeOtros when the file belongs to another user.
    """
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

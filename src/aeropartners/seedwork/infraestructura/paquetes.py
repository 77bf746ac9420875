"""Packets: one broker message that carries the envelopes of a burst for one partition."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from aeropartners.seedwork.aplicacion.serializacion import NoDescifrable, desempaquetar, empaquetar

PAQUETE_MAXIMO = 512 * 1024
PAQUETE = "paquete"


def particion_de(clave: str, particiones: int) -> int:
    """Return the partition of a key: the same in every process."""
    return zlib.crc32(clave.encode()) % particiones


def paquetes(cuerpos: Sequence[bytes]) -> Iterable[bytes]:
    """Join envelopes into packets that no broker finds too large."""
    paquete: list[bytes] = []
    largo = 0
    for cuerpo in cuerpos:
        if paquete and largo + len(cuerpo) > PAQUETE_MAXIMO:
            yield empaquetar(paquete)
            paquete, largo = [], 0
        paquete.append(cuerpo)
        largo += len(cuerpo) + 1
    yield empaquetar(paquete)


def abrir(datos: bytes, propiedades: Mapping[str, str]) -> list[bytes]:
    """Return the bodies in a broker message, one at least.

    What is no packet, or an empty one, is handed on as it is: the loop finds no envelope in it and parks
    it. Without anything to confirm it would never be acknowledged.
    """
    if PAQUETE in propiedades:
        with suppress(NoDescifrable):
            return desempaquetar(datos) or [datos]
    return [datos]


class Abiertos:
    """How many envelopes of a broker message are not dealt with: it is acknowledged after the last one."""

    __slots__ = ("_faltan",)

    def __init__(self, sobres: int) -> None:
        self._faltan = sobres

    def cerrar_uno(self) -> bool:
        """Note that one is dealt with; True when that was the last one."""
        self._faltan -= 1
        return self._faltan == 0

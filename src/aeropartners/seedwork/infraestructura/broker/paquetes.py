"""Packets: one broker message that carries the envelopes of a burst for one partition."""

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress

from aeropartners.seedwork.aplicacion.serializacion import (
    MENSAJE_MAXIMO,
    NoDescifrable,
    desempaquetar,
    empaquetar,
)

PAQUETE_MAXIMO = 512 * 1024
PAQUETE = "paquete"
# Bytes that a subscription may hold in memory, if all its messages have the largest size.
EN_MEMORIA = 256 * 1024 * 1024


def particion_de(clave: str, particiones: int) -> int:
    """Return the partition of a key, the same in every process."""
    return zlib.crc32(clave.encode()) % particiones


def paquetes(cuerpos: Sequence[bytes]) -> Iterable[bytes]:
    """Join envelopes into packets of about PAQUETE_MAXIMO bytes at most."""
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
    """Return the bodies in a broker message, at least one.

    An empty or malformed packet is returned as one body. The loop cannot decode it and makes it a dead
    letter; without a body there would be nothing to confirm, and it would never be acknowledged.
    """
    if PAQUETE in propiedades:
        with suppress(NoDescifrable):
            return desempaquetar(datos) or [datos]
    return [datos]


def en_cola(temas: Sequence[str], publicos: Collection[str], particiones: int) -> int:
    """Return how many messages of each partition of these topics may be in memory, at least one.

    Public topics may carry single messages of the largest size; internal topics carry packets.
    """
    mayores = sum(MENSAJE_MAXIMO if tema in publicos else PAQUETE_MAXIMO for tema in temas)
    return max(EN_MEMORIA // (mayores * particiones), 1)


class Abiertos:
    """Counts the unconfirmed envelopes of a broker message, which is acknowledged after the last one."""

    __slots__ = ("_faltan",)

    def __init__(self, sobres: int) -> None:
        self._faltan = sobres

    def cerrar_uno(self) -> bool:
        """Count one envelope as confirmed; True if it was the last one."""
        self._faltan -= 1
        return self._faltan == 0

"""Checks that a Pulsar broker answers at an address, with the first command of its protocol.

A client of the library that cannot connect keeps its threads and file descriptors for ever, so no client is
made before this check succeeds. A port that accepts connections but does not answer counts as away.
"""

import socket
import ssl
import struct
import time
from contextlib import closing
from urllib.parse import urlsplit

from aeropartners.seedwork.aplicacion.puertos import BrokerNoDisponible

PLAZO_S = 1.0
# After a failed check the next ones fail at once for this time.
REPOSO_S = 1.0
# BaseCommand{type: CONNECT, connect: {client_version: "aeropartners", protocol_version: 19}}
_SALUDO = b"\x0a\x0caeropartners\x20\x13"
_ORDEN = b"\x08\x02\x12" + bytes([len(_SALUDO)]) + _SALUDO
_TRAMA = struct.pack("!II", len(_ORDEN) + 4, len(_ORDEN)) + _ORDEN
PUERTOS = {"pulsar": 6650, "pulsar+ssl": 6651}


class SondaPulsar:
    """Checks the hosts of a service URL; used by one thread."""

    def __init__(self, url: str, autoridad: str = "") -> None:
        partes = urlsplit(url)
        self._lugares = [_lugar(lugar, PUERTOS[partes.scheme]) for lugar in partes.netloc.split(",")]
        self._tls = partes.scheme == "pulsar+ssl"
        self._autoridad = autoridad or None
        self._fuera = (0.0, "")

    def exigir(self) -> None:
        """Return when one of the hosts answers at all; otherwise raise BrokerNoDisponible with the causes."""
        hasta, causas = self._fuera[0], []
        if time.monotonic() < hasta:
            raise BrokerNoDisponible(self._fuera[1])
        for lugar in self._lugares:
            try:
                self._saludar(*lugar)
            except OSError as error:  # an invalid certificate is an OSError, too
                causas.append(f"{lugar[0]}:{lugar[1]}: {error}")
            else:
                return
        self._fuera = (time.monotonic() + REPOSO_S, "; ".join(causas))
        raise BrokerNoDisponible(self._fuera[1])

    def _saludar(self, anfitrion: str, puerto: int) -> None:
        with closing(socket.create_connection((anfitrion, puerto), PLAZO_S)) as conexion:
            if self._tls:
                contexto = ssl.create_default_context(cafile=self._autoridad)
                conexion = contexto.wrap_socket(conexion, server_hostname=anfitrion)
            with closing(conexion):
                conexion.sendall(_TRAMA)
                if not conexion.recv(1):
                    raise ConnectionError("cerró la conexión sin contestar")


def _lugar(texto: str, puerto: int) -> tuple[str, int]:
    partes = urlsplit(f"//{texto}")
    return partes.hostname or "localhost", partes.port or puerto

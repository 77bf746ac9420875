"""TLS on the connections of waitress, which has none of its own."""

import errno
import ssl
import time
from contextlib import suppress
from threading import Lock
from typing import Any

from flask import Flask

from aeropartners.arranque.http.conexion_http import Canal
from aeropartners.arranque.http.conexiones import Conexiones

ESPERE = (errno.EWOULDBLOCK, "TLS espera al otro lado")


class Zocalo(ssl.SSLSocket):
    """A TLS connection that behaves as a plain non-blocking socket.

    A lock keeps two calls apart: OpenSSL allows one at a time on a connection, and waitress reads in its own
    thread while it writes in the application's.
    """

    cerrojo: Lock

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Return bytes that have arrived and are decrypted; raises BlockingIOError when there are none."""
        with self.cerrojo:
            try:
                return super().recv(buflen, flags)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
                raise BlockingIOError(*ESPERE) from error

    def send(self, data: Any, flags: int = 0) -> int:
        """Send as much as there is room for and return how much; BlockingIOError when it is nothing."""
        with self.cerrojo:
            try:
                return super().send(data, flags)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
                raise BlockingIOError(*ESPERE) from error

    def close(self) -> None:
        """Send TLS's goodbye, so that the client knows that nothing is missing, and close without waiting."""
        with self.cerrojo, suppress(OSError, ValueError):
            self.unwrap()
        super().close()


class CanalTLS(Canal):
    """A connection over TLS; the handshake is done by the first reads."""

    contexto: ssl.SSLContext

    def __init__(self, servidor: Any, zocalo: Any, *resto: Any, **opciones: Any) -> None:
        cifrado = self.contexto.wrap_socket(zocalo, server_side=True, do_handshake_on_connect=False)
        assert isinstance(cifrado, Zocalo)
        cifrado.cerrojo = Lock()
        super().__init__(servidor, cifrado, *resto, **opciones)

    def handle_read(self) -> None:
        """Read until nothing decrypted is left: `poll` knows only of bytes that are not decrypted yet."""
        while True:
            try:
                datos = self.recv(self.adj.recv_bytes)
            except BlockingIOError:
                return
            except OSError:  # no TLS, or a client that breaks off: not our fault, so it is not logged
                self.handle_close()
                return
            if not datos:
                self.connected = False
                return
            self.last_activity = time.time()
            self.received(datos)
            if not self.socket.pending():
                return


def canal_de(app: Flask, conexiones: Conexiones, contexto: ssl.SSLContext | None) -> type[Canal]:
    """Return the class of connections for one server: waitress makes them and passes no arguments."""
    propios = {"app": app, "conexiones": conexiones}
    if contexto is None:
        return type("CanalPropio", (Canal,), propios)
    return type("CanalPropioTLS", (CanalTLS,), {**propios, "contexto": contexto})


def para_servir(certificado: str, llave: str) -> ssl.SSLContext | None:
    """Return a server's TLS context (TLS 1.2 or newer), None without a certificate; may raise OSError."""
    if not certificado:
        return None
    contexto = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexto.minimum_version = ssl.TLSVersion.TLSv1_2
    contexto.sslsocket_class = Zocalo
    contexto.load_cert_chain(certificado, llave)
    return contexto

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
    """A TLS connection that behaves as a plain socket that does not block.

    OpenSSL stands no two calls at once on one connection, and waitress reads in its own thread while it
    writes in the application's.
    """

    cerrojo: Lock

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Read what has come and could be deciphered; BlockingIOError when that is nothing."""
        with self.cerrojo:
            try:
                return super().recv(buflen, flags)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
                raise BlockingIOError(*ESPERE) from error

    def send(self, data: Any, flags: int = 0) -> int:
        """Write as much as there is room for; BlockingIOError when that is nothing."""
        with self.cerrojo:
            try:
                return super().send(data, flags)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
                raise BlockingIOError(*ESPERE) from error

    def close(self) -> None:
        """Say goodbye, so that the other side knows that nothing was cut off, and leave without waiting."""
        with self.cerrojo, suppress(OSError, ValueError):
            self.unwrap()
        super().close()


class CanalTLS(Canal):
    """A connection whose bytes are TLS; the handshake is part of the first reads."""

    contexto: ssl.SSLContext

    def __init__(self, servidor: Any, zocalo: Any, *resto: Any, **opciones: Any) -> None:
        cifrado = self.contexto.wrap_socket(zocalo, server_side=True, do_handshake_on_connect=False)
        assert isinstance(cifrado, Zocalo)
        cifrado.cerrojo = Lock()
        super().__init__(servidor, cifrado, *resto, **opciones)

    def handle_read(self) -> None:
        """Read all that was deciphered: the system knows only of what is still ciphered."""
        while True:
            try:
                datos = self.recv(self.adj.recv_bytes)
            except BlockingIOError:
                return
            except OSError:  # it speaks no TLS, or breaks off: nobody's fault here, and no line for each
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
    """Return the class of the connections of one application's server."""
    propios = {"app": app, "conexiones": conexiones}
    if contexto is None:
        return type("CanalPropio", (Canal,), propios)
    return type("CanalPropioTLS", (CanalTLS,), {**propios, "contexto": contexto})


def para_servir(certificado: str, llave: str) -> ssl.SSLContext | None:
    """Return how to serve, or None without a certificate; TLS 1.2 at least. May raise OSError."""
    if not certificado:
        return None
    contexto = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexto.minimum_version = ssl.TLSVersion.TLSv1_2
    contexto.sslsocket_class = Zocalo
    contexto.load_cert_chain(certificado, llave)
    return contexto

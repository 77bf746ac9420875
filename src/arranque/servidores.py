"""HTTP servers of a process: waitress, one thread pool a port, a clear error when a port is taken."""

import socket
import ssl
import threading
from contextlib import suppress
from typing import Any

from flask import Flask
from waitress.server import BaseWSGIServer, create_server
from waitress.wasyncore import close_all, dispatcher

from aeropartners.seedwork.aplicacion.mensajes import CUERPO_MAXIMO
from arranque.tls import canal_de
from arranque.turnos import Despachador

HILOS = 32
# A client that sends slowly holds a connection, never a thread; so many may do it at once.
CONEXIONES = 1_000
CABECERAS_MAXIMAS = 64 * 1024
# Up to here a body is read, so that the application's 413 reaches a client that is still sending it;
# from here on the connection is closed on it.
CUERPO_LEIDO = 4 * CUERPO_MAXIMO


class PuertoOcupado(Exception):
    """Another program listens there; the message names the port and the variable that moves it."""


class Servidor:
    """One application on one port."""

    def __init__(
        self,
        app: Flask,
        host: str,
        puerto: int,
        variable: str,
        reservados: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`reservados` threads are added for answers that last, so that they take none from the rest."""
        esquema = "https" if tls else "http"
        self.url = f"{esquema}://{'127.0.0.1' if host == '0.0.0.0' else host}:{puerto}"
        _exigir_libre(host, puerto, variable)
        oyentes: dict[int, Any] = {}
        self._servidor: Any = create_server(
            app,
            map=oyentes,
            _dispatcher=Despachador(HILOS + reservados),
            host=host,
            port=puerto,
            channel_timeout=30,
            clear_untrusted_proxy_headers=True,
            connection_limit=CONEXIONES,
            asyncore_use_poll=True,
            max_request_header_size=CABECERAS_MAXIMAS,
            max_request_body_size=CUERPO_LEIDO,
            url_scheme=esquema,
            ident=None,
        )
        canal = canal_de(app, tls)
        for oyente in oyentes.values():  # one an address of the host, and the trigger that wakes them
            if isinstance(oyente, BaseWSGIServer):
                oyente.channel_class = canal
        self._hilo = threading.Thread(target=self._servidor.run, name=f"http-{puerto}", daemon=True)

    def empezar(self) -> None:
        """Accept requests."""
        self._hilo.start()

    def parar(self) -> None:
        """Stop accepting and let what runs end."""
        if not self._hilo.is_alive():
            self._servidor.close()
            return
        # Sockets belong to the server's own thread, and the trigger must outlive the tasks that pull it.
        despertar = self._servidor.trigger.pull_trigger
        despertar(lambda: dispatcher.close(self._servidor))
        self._servidor.task_dispatcher.shutdown(timeout=5)
        with suppress(OSError):  # somebody else woke it up, and it has closed all, its trigger too
            despertar(lambda: close_all(self._servidor._map))
        self._hilo.join(5)


def _exigir_libre(host: str, puerto: int, variable: str) -> None:
    with socket.socket() as prueba:
        prueba.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            prueba.bind((host, puerto))
        except OSError as error:
            raise PuertoOcupado(
                f"El puerto {puerto} de {host} está ocupado ({error.strerror}): elija otro con {variable}"
            ) from error

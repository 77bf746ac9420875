"""HTTP servers of a process: waitress, one thread pool a port, a clear error when a port is taken."""

import socket
import threading
from typing import Any

from flask import Flask
from waitress.server import create_server
from waitress.wasyncore import close_all, dispatcher

HILOS = 32


class PuertoOcupado(Exception):
    """Another program listens there; the message names the port and the variable that moves it."""


class Servidor:
    """One application on one port."""

    def __init__(self, app: Flask, host: str, puerto: int, variable: str, reservados: int = 0) -> None:
        """`reservados` threads are added for answers that last, so that they take none from the rest."""
        self.url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{puerto}"
        _exigir_libre(host, puerto, variable)
        self._servidor: Any = create_server(
            app,
            host=host,
            port=puerto,
            threads=HILOS + reservados,
            channel_timeout=30,
            clear_untrusted_proxy_headers=True,
        )
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

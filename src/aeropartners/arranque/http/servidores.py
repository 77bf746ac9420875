"""HTTP servers of a process: waitress, one thread pool a port, a clear error when a port is taken."""

import errno
import resource
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Flask
from waitress.server import BaseWSGIServer, create_server
from waitress.wasyncore import close_all, dispatcher

from aeropartners.arranque.http.colas import Despachador
from aeropartners.arranque.http.conexiones import Conexiones, Limites
from aeropartners.arranque.http.tls import canal_de
from aeropartners.seedwork.aplicacion.mensajes import CUERPO_MAXIMO

HILOS = 32
CABECERAS_MAXIMAS = 32 * 1024
# A client that leaves so much unread, and asks for more, is let go.
SIN_LEER_MAXIMO = 4 * 1024 * 1024
# Up to here a body is read, so that the application's 413 reaches a client that is still sending it;
# from here on the connection is closed on it.
CUERPO_LEIDO = 4 * CUERPO_MAXIMO
LIMITES = Limites()
REVISION_S = 1
# What a process asks the system for, and in how many parts: a port takes one at most.
DESCRIPTORES, PUERTOS = 65_536, 16


class PuertoOcupado(Exception):
    """Nobody can listen there; the message says why, and names the variable that moves it."""


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
        limites: Limites = LIMITES,
    ) -> None:
        """`reservados` threads are added for answers that last, so that they take none from the rest."""
        esquema = "https" if tls else "http"
        self.url = f"{esquema}://{_llamable(host)}:{puerto}"
        self.puerto, self.variable = puerto, variable
        exigir_libre(host, puerto, variable)
        oyentes: dict[int, Any] = {}
        self._servidor: Any = create_server(
            app,
            map=oyentes,
            _dispatcher=Despachador(HILOS + reservados),
            host=host,
            port=puerto,
            clear_untrusted_proxy_headers=True,
            # Waitress would accept nobody any more; `Conexiones` makes room before that.
            connection_limit=2 * limites.conexiones,
            cleanup_interval=REVISION_S,
            outbuf_high_watermark=SIN_LEER_MAXIMO,
            asyncore_use_poll=True,
            max_request_header_size=CABECERAS_MAXIMAS,
            max_request_body_size=CUERPO_LEIDO,
            url_scheme=esquema,
            ident=None,
        )
        for oyente in oyentes.values():  # one an address of the host, and the trigger that wakes them
            if isinstance(oyente, BaseWSGIServer):
                conexiones = Conexiones(_con_descriptores(limites))
                oyente.channel_class = canal_de(app, conexiones, tls)
                oyente.maintenance = partial(_revisar, oyente, conexiones)
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


def _llamable(host: str) -> str:
    """Return the host as a URL names it; of every address of this machine, its own name for itself."""
    propio = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{propio}]" if ":" in propio else propio


def _revisar(oyente: BaseWSGIServer, conexiones: Conexiones, _ahora: float) -> None:
    conexiones.revisar(list(oyente.active_channels.values()))


def _con_descriptores(limites: Limites) -> Limites:
    """Take as many descriptors as the system gives, and no more connections than there are of them."""
    blando, duro = resource.getrlimit(resource.RLIMIT_NOFILE)
    tope = DESCRIPTORES if duro == resource.RLIM_INFINITY else min(duro, DESCRIPTORES)
    if blando != resource.RLIM_INFINITY and blando < tope:
        resource.setrlimit(resource.RLIMIT_NOFILE, (tope, duro))
    return replace(limites, conexiones=min(limites.conexiones, tope // PUERTOS))


def exigir_libre(host: str, puerto: int, variable: str) -> None:
    """Raise PuertoOcupado when nobody can listen there; `variable` is the one that moves the port."""
    try:
        lugares = socket.getaddrinfo(host, puerto, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise PuertoOcupado(f"HOST={host!r} no es una dirección de esta máquina") from error
    for familia, _, _, _, lugar in lugares:
        with socket.socket(familia) as prueba:
            prueba.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if familia == socket.AF_INET6:
                prueba.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                prueba.bind(lugar)
            except OSError as error:
                raise PuertoOcupado(_porque(error, host, puerto, variable)) from error


def _porque(error: OSError, host: str, puerto: int, variable: str) -> str:
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST={host!r} no es una dirección de esta máquina"
    if error.errno == errno.EACCES:
        return f"El puerto {puerto} es del sistema: elija otro con {variable}"
    return f"El puerto {puerto} de {host} está ocupado ({error.strerror}): elija otro con {variable}"

"""HTTP servers of a process: waitress, one pool of threads a port, a clear error for a port in use."""

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
from aeropartners.seedwork.infraestructura.web.peticiones import CUERPO_LEIDO

HILOS = 32
CABECERAS_MAXIMAS = 32 * 1024
# A client with this many unread bytes that asks for more is disconnected.
SIN_LEER_MAXIMO = 4 * 1024 * 1024
LIMITES = Limites()
REVISION_S = 1
# The file descriptors that a process asks the system for; each port gets one part in PUERTOS.
DESCRIPTORES, PUERTOS = 65_536, 16


class PuertoOcupado(Exception):
    """The port cannot be opened; the message says why and names the variable that sets it."""


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
        """Open the port; `reservados` threads are added for answers that last, such as streams."""
        esquema = "https" if tls else "http"
        self.url = f"{esquema}://{_llamable(host)}:{puerto}"
        self.puerto, self.variable = puerto, variable
        exigir_libre(host, puerto, variable)
        oyentes: dict[int, Any] = {}
        despachador = Despachador(HILOS + reservados)
        self._servidor: Any = create_server(
            app,
            map=oyentes,
            _dispatcher=despachador,
            host=host,
            port=puerto,
            clear_untrusted_proxy_headers=True,
            # At its own limit waitress would accept no connection; `Conexiones` closes some before.
            connection_limit=2 * limites.conexiones,
            cleanup_interval=REVISION_S,
            outbuf_high_watermark=SIN_LEER_MAXIMO,
            asyncore_use_poll=True,
            max_request_header_size=CABECERAS_MAXIMAS,
            max_request_body_size=CUERPO_LEIDO,  # a larger body closes the connection
            url_scheme=esquema,
            ident=None,
        )
        for oyente in oyentes.values():  # one listener for each address of the host, and waitress's trigger
            if isinstance(oyente, BaseWSGIServer):
                conexiones = Conexiones(_con_descriptores(limites))
                oyente.channel_class = canal_de(app, conexiones, tls)
                oyente.maintenance = partial(_revisar, oyente, conexiones, despachador)
        self._hilo = threading.Thread(target=self._servidor.run, name=f"http-{puerto}", daemon=True)

    def empezar(self) -> None:
        """Start accepting requests."""
        self._hilo.start()

    def parar(self) -> None:
        """Stop accepting and wait a few seconds for running requests."""
        if not self._hilo.is_alive():
            self._servidor.close()
            return
        # Only the server's thread may close sockets; the trigger must stay open until the tasks that use it
        # end.
        despertar = self._servidor.trigger.pull_trigger
        despertar(lambda: dispatcher.close(self._servidor))
        self._servidor.task_dispatcher.shutdown(timeout=5)
        with suppress(OSError):  # another wake-up came first and closed everything, the trigger too
            despertar(lambda: close_all(self._servidor._map))
        self._hilo.join(5)


def _llamable(host: str) -> str:
    """Return the host as a URL names it; for all addresses of this machine, the loopback address."""
    propio = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{propio}]" if ":" in propio else propio


def _revisar(oyente: BaseWSGIServer, conexiones: Conexiones, despachador: Despachador, _ahora: float) -> None:
    conexiones.revisar(list(oyente.active_channels.values()))
    despachador.descansar()


def _con_descriptores(limites: Limites) -> Limites:
    """Raise the process's limit of file descriptors, and lower the connections to what it allows."""
    blando, duro = resource.getrlimit(resource.RLIMIT_NOFILE)
    tope = DESCRIPTORES if duro == resource.RLIM_INFINITY else min(duro, DESCRIPTORES)
    if blando != resource.RLIM_INFINITY and blando < tope:
        resource.setrlimit(resource.RLIMIT_NOFILE, (tope, duro))
    return replace(limites, conexiones=min(limites.conexiones, tope // PUERTOS))


def exigir_libre(host: str, puerto: int, variable: str) -> None:
    """Raise PuertoOcupado when the port cannot be opened; `variable` is the one that sets the port."""
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

"""A connection of the HTTP server; what it refuses by itself has the application's form of errors."""

import re
import socket
import struct
from contextlib import suppress
from math import inf
from typing import Any

from flask import Flask, json
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask

from aeropartners.arranque.http.colas import Tarea
from aeropartners.arranque.http.conexiones import Conexiones, Limites
from aeropartners.seedwork.aplicacion.auditoria import Firma
from aeropartners.seedwork.infraestructura.web.acceso.identidad import ANONIMA
from aeropartners.seedwork.infraestructura.web.errores import MENSAJES, codigo_de
from aeropartners.seedwork.infraestructura.web.formas_de_error import forma_de

DEMASIADAS_CABECERAS = 431

LINEA = re.compile(rb"[^ ]+ [^ ]+(?: HTTP/[0-9]\.[0-9])?")
HUECO = re.compile(rb"[ \t]{100}")
SIN_DESPEDIDA = struct.pack("ii", 1, 0)


class TareaError(ErrorTask):  # type: ignore[misc]
    """Answers a request that waitress refuses, with the application's form of errors, and audits it."""

    def execute(self) -> None:
        codigo = self.request.error.code
        self.status = f"{codigo} {self.request.error.reason}"
        app: Flask = self.channel.app
        dicho = MENSAJES.get(codigo, "Petición HTTP mal formada")
        cuerpo = json.dumps(forma_de(app).cuerpo(codigo_de(codigo), dicho, (), None)).encode()
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(cuerpo)
        self.write(cuerpo)
        app.extensions["vigia"].negar(codigo, self._firma(), str(self.channel.addr[0]))

    def _firma(self) -> Firma:
        """Return the signature of a request that was not read to its end, as far as it is known."""
        # When the headers are too large, waitress has replaced the request by another one.
        leida = self.request if self.request.error.code != DEMASIADAS_CABECERAS else None
        metodo, ruta = (getattr(leida, campo, "") or "" for campo in ("command", "path"))
        operacion = f"{metodo or 'HTTP'} {ruta}".rstrip()
        return Firma(ANONIMA.nombre, None, operacion, ruta, origen=str(self.channel.addr[0]))


class Lector(HTTPRequestParser):  # type: ignore[misc]
    """Reads a request; refuses one that a proxy before us could read in another way (request smuggling)."""

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the request line and the headers; raises ParsingError.

        Two checks come first: on almost matching input the patterns of waitress take quadratic time, five
        minutes for 64 KB.
        """
        if not LINEA.fullmatch(header_plus.partition(b"\r\n")[0].rstrip()) or HUECO.search(header_plus):
            raise ParsingError("not a request line, or a header of blanks")
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # such as a length of 5,000 digits, or an invalid address
            raise ParsingError(str(error)) from error
        if "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers):
            raise ParsingError("Content-Length with Transfer-Encoding, or the latter in HTTP/1.0")
        anfitrion = self.headers.get("HOST")
        if (anfitrion is None and self.version == "1.1") or "," in (anfitrion or ""):
            raise ParsingError("no Host, or several")


class Canal(HTTPChannel):  # type: ignore[misc]
    """A connection with the contract's form of errors and with limits of time and memory for its client.

    The server's thread reads and closes; an application's thread calls `service` and `write_soon`.
    """

    # Set in a subclass for each server (`canal_de`): waitress makes the connections and passes no arguments.
    app: Flask
    conexiones: Conexiones
    task_class = Tarea
    error_task_class = TareaError
    parser_class = Lector

    entrada = 0
    sin_leer = 0
    suelta = False

    def __init__(self, servidor: Any, *resto: Any, **opciones: Any) -> None:
        self._libre_desde = self._pedida_desde = self._sin_leer_desde = self.conexiones.ahora()
        super().__init__(servidor, *resto, **opciones)
        self.conexiones.hacer_sitio(servidor.active_channels.values())

    @property
    def total_outbufs_len(self) -> int:
        """The bytes of answers that the client has not read, as waitress counts them."""
        return self.sin_leer

    @total_outbufs_len.setter
    def total_outbufs_len(self, bytes_: int) -> None:
        if not (bytes_ and self.sin_leer):
            self._sin_leer_desde = self.conexiones.ahora()
        self.conexiones.contar(self, sin_leer=bytes_ - self.sin_leer)

    def espera_desde(self) -> float:
        """See the port `Conexion`."""
        if self.suelta or (self.requests and not self.sin_leer):
            return inf
        return self._sin_leer_desde if self.sin_leer else max(self._libre_desde, self._pedida_desde)

    def vence(self, limites: Limites) -> float:
        """See the port `Conexion`."""
        if self.sin_leer:
            return self._sin_leer_desde + limites.lectura_s
        if self.requests:
            return inf
        if self.request is None:
            return self._libre_desde + limites.ocio_s
        plazo = limites.peticion_s if self.request.headers_finished else limites.cabeza_s
        return max(self._libre_desde, self._pedida_desde) + plazo

    def soltar(self) -> None:
        """See the port `Conexion`.

        A client that reads nothing would keep waitress from writing, and so from closing: the socket is shut.
        """
        self.conexiones.olvidar(self)
        self.will_close = True
        self.connected = False
        with suppress(OSError):
            if self.sin_leer:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, SIN_DESPEDIDA)
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)

    def received(self, data: bytes) -> bool:
        """Take the bytes that have arrived."""
        antes = self.request
        hecho = bool(super().received(data))
        if self.request is not None and self.request is not antes:
            self._pedida_desde = self.conexiones.ahora()
        self._recibir(len(data))
        self._aliviar()
        return hecho

    def service(self) -> None:
        """Answer the next request of the connection."""
        super().service()
        self._libre_desde = self.conexiones.ahora()
        self._recibir(0)

    def write_soon(self, data: Any) -> int:
        """Queue a part of an answer; over the memory limit, this connection or another one is closed."""
        tomados = int(super().write_soon(data))
        self._aliviar()
        return tomados

    def handle_close(self) -> None:
        """Close, and stop counting the bytes that the connection held."""
        self.conexiones.olvidar(self)
        super().handle_close()

    def send_continue(self) -> None:
        """Ask for the body, unless its size is refused already: waitress would forget the refusal."""
        if self.request.error is None:
            super().send_continue()

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Close a connection with too many unread bytes; waitress would have the thread wait for it."""
        if self.sin_leer > self.adj.outbuf_high_watermark:
            self.soltar()

    def _aliviar(self) -> None:
        if self.conexiones.apretadas:
            self.conexiones.aliviar(list(self.server.active_channels.values()))

    def _recibir(self, bytes_: int) -> None:
        """Count bytes that have arrived; once all requests are answered, count none for the connection."""
        with self.requests_lock:
            contestado = self.request is None and not self.requests
            self.conexiones.contar(self, entrada=-self.entrada if contestado else bytes_)

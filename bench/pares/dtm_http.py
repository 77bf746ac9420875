"""HTTP/1.1 between DTM and its participant, as cheap as it can be: httptools on asyncio's connections."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import cast

import httptools

from bench.pares.filas import SinCifra

Atender = Callable[[str, bytes], Awaitable[int]]
"""Does what a path and a body ask for, and returns the status to answer with."""
MOTIVOS = {200: "OK", 409: "Conflict", 500: "Internal Server Error"}


class _Conexion(asyncio.Protocol):
    """A connection whose messages are gathered whole."""

    def __init__(self) -> None:
        self._cuerpo = b""

    def connection_made(self, transporte: asyncio.BaseTransport) -> None:
        """Keep what is written to; that of uvloop is a transport by its methods, not by its class."""
        self._transporte = cast(asyncio.Transport, transporte)

    def on_body(self, parte: bytes) -> None:
        """Gather the body, which may come in parts."""
        self._cuerpo += parte

    def _tomar_cuerpo(self) -> bytes:
        cuerpo, self._cuerpo = self._cuerpo, b""
        return cuerpo


class Entrada(_Conexion):
    """A connection on which DTM calls a step; it sends the next request when this one was answered."""

    def __init__(self, atender: Atender) -> None:
        super().__init__()
        self._atender, self._url = atender, b""
        self._analizador = httptools.HttpRequestParser(self)

    def data_received(self, datos: bytes) -> None:
        """Read what came of a request."""
        self._analizador.feed_data(datos)

    def on_url(self, parte: bytes) -> None:
        """Gather the address."""
        self._url += parte

    def on_message_complete(self) -> None:
        """Attend to a whole request."""
        url, self._url = self._url, b""
        ruta = httptools.parse_url(url).path.decode()
        self._tarea = asyncio.create_task(self._responder(ruta, self._tomar_cuerpo()))

    async def _responder(self, ruta: str, cuerpo: bytes) -> None:
        try:
            estado = await self._atender(ruta, cuerpo)
        except Exception:
            logging.exception(ruta)
            estado = 500
        self._transporte.write(f"HTTP/1.1 {estado} {MOTIVOS[estado]}\r\nContent-Length: 0\r\n\r\n".encode())


class Salida(_Conexion):
    """A connection to DTM, for one request at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._respuesta: asyncio.Future[tuple[int, bytes]] | None = None
        self._analizador = httptools.HttpResponseParser(self)

    async def pedir(self, ruta: str, cuerpo: bytes) -> tuple[int, bytes]:
        """Send a request and return the status and the body of its answer."""
        self._respuesta = asyncio.get_running_loop().create_future()
        cabeceras = f"Host: dtm\r\nContent-Type: application/json\r\nContent-Length: {len(cuerpo)}"
        self._transporte.write(f"POST {ruta} HTTP/1.1\r\n{cabeceras}\r\n\r\n".encode() + cuerpo)
        return await self._respuesta

    def data_received(self, datos: bytes) -> None:
        """Read what came of an answer."""
        self._analizador.feed_data(datos)

    def on_message_complete(self) -> None:
        """Hand a whole answer to who waits for it."""
        assert self._respuesta is not None
        self._respuesta.set_result((self._analizador.get_status_code(), self._tomar_cuerpo()))

    def connection_lost(self, error: Exception | None) -> None:
        """Tell who waits for an answer that none will come."""
        if self._respuesta is not None and not self._respuesta.done():
            self._respuesta.set_exception(SinCifra("Sin cifra: DTM cerró la conexión"))

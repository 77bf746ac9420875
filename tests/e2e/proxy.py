"""A TCP proxy between our processes and a service: the network, which a test can pause or cut."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

TROZO = 64 * 1024


class Proxy:
    """Listens on a port of its own; `url` is the service's, through it.

    Pulsar tells its clients where to connect: what it says of itself is replaced, in as many bytes.
    """

    def __init__(self, url: str) -> None:
        destino = urlsplit(url)
        self._destino = (destino.hostname, destino.port)
        self._bucle = asyncio.new_event_loop()
        self._hilo = threading.Thread(target=self._bucle.run_forever, name=f"proxy-{url}", daemon=True)
        self._hilo.start()
        self._abierto = asyncio.Event()
        self._cortado = False
        self._conexiones: set[asyncio.Task[Any]] = set()
        self._servidor = self._hacer(self._escuchar())
        propio = self._servidor.sockets[0].getsockname()[1]
        self.url = url.replace(f":{destino.port}", f":{propio}")
        anuncio = f"pulsar://127.0.0.1:{destino.port}".encode()
        self._cambio = (anuncio, anuncio.replace(b"%d" % destino.port, b"%d" % propio))
        assert len({len(parte) for parte in self._cambio}) == 1, "los puertos deben tener las mismas cifras"

    @contextmanager
    def pausado(self) -> Iterator[None]:
        """Nothing passes and nobody is told; what was on its way arrives afterwards."""
        self._hacer(self._poner(abierto=False))
        try:
            yield
        finally:
            self._hacer(self._poner(abierto=True))

    @contextmanager
    def cortado(self) -> Iterator[None]:
        """Every connection is reset, and so is every new one."""
        self._hacer(self._cortar())
        try:
            yield
        finally:
            self._cortado = False

    def cerrar(self) -> None:
        """Stop."""
        self._hacer(self._cortar())
        self._servidor.close()
        self._bucle.call_soon_threadsafe(self._bucle.stop)
        self._hilo.join()
        self._bucle.close()

    def _hacer(self, tarea: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(tarea, self._bucle).result(30)

    async def _escuchar(self) -> asyncio.Server:
        self._abierto.set()
        return await asyncio.start_server(self._conectar, "127.0.0.1", 0)

    async def _poner(self, *, abierto: bool) -> None:
        self._abierto.set() if abierto else self._abierto.clear()

    async def _cortar(self) -> None:
        self._cortado = True
        for conexion in self._conexiones:
            conexion.cancel()
        await asyncio.gather(*self._conexiones, return_exceptions=True)

    async def _conectar(self, entra: asyncio.StreamReader, sale: asyncio.StreamWriter) -> None:
        tarea = asyncio.current_task()
        assert tarea is not None
        self._conexiones.add(tarea)
        try:
            await self._unir(entra, sale)
        except (OSError, asyncio.CancelledError):
            sale.transport.abort()
        finally:
            self._conexiones.discard(tarea)

    async def _unir(self, entra: asyncio.StreamReader, sale: asyncio.StreamWriter) -> None:
        await self._abierto.wait()
        if self._cortado:
            raise ConnectionResetError
        desde, hacia = await asyncio.open_connection(*self._destino)
        sentidos = [
            asyncio.ensure_future(self._pasar(entra, hacia, (b"", b""))),
            asyncio.ensure_future(self._pasar(desde, sale, self._cambio)),
        ]
        try:
            # When one side ends, so does the other: a dead process must look dead.
            await asyncio.wait(sentidos, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for sentido in sentidos:
                sentido.cancel()
            for extremo in (hacia, sale):
                extremo.transport.abort()
            await asyncio.gather(*sentidos, return_exceptions=True)

    async def _pasar(
        self, lee: asyncio.StreamReader, escribe: asyncio.StreamWriter, cambio: tuple[bytes, bytes]
    ) -> None:
        with suppress(OSError):
            while datos := await lee.read(TROZO):
                await self._abierto.wait()
                escribe.write(datos.replace(*cambio) if cambio[0] else datos)
                await escribe.drain()

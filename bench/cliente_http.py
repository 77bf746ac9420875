"""Clients that start sagas over HTTP, and cost little: what they take of the machine, nobody else gets.

What they POST is campaigns, unless it is said.
"""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bench.carga import datos
from bench.comprobacion import SinCifra

RESPUESTA_S = 60.0
CLIENTES = 32


@dataclass(frozen=True, slots=True)
class Inicio:
    """One start: when it was due, when it was answered, and with what."""

    debido: float
    contestado: float
    estado: int
    vuelta_s: str
    saga_id: str


@dataclass(frozen=True, slots=True)
class Pedido:
    """What a client POSTs: the path, the body by its number, the status of a success, and its saga."""

    ruta: str
    cuerpo: Callable[[int], dict[str, Any]]
    bien: int
    saga: Callable[[Any], str]


CAMPANA = Pedido(
    "/saga/crear-campana-completa",
    lambda numero: datos(numero, f"ref-{uuid.uuid4()}"),
    200,
    lambda dicho: str(dicho["saga_id"]),
)


class Cliente:
    """POST over connections that are kept; as many as there are requests on their way."""

    def __init__(self, url: str, pedido: Pedido = CAMPANA) -> None:
        partes = urlsplit(url)
        self._pedido = pedido
        self._host, self._puerto = str(partes.hostname), int(partes.port or 80)
        self._libres: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def iniciar(self, numero: int, debido: float) -> Inicio:
        """Start a saga; a broken or missing answer has status 0."""
        cuerpo = json.dumps(self._pedido.cuerpo(numero)).encode()
        try:
            estado, cabeceras, recibido = await asyncio.wait_for(self._post(cuerpo), RESPUESTA_S)
        except (OSError, EOFError, TimeoutError) as error:
            return Inicio(debido, time.time(), 0, type(error).__name__, "")
        saga_id = self._pedido.saga(json.loads(recibido)) if estado == self._pedido.bien else ""
        return Inicio(debido, time.time(), estado, cabeceras.get("retry-after", ""), saga_id)

    def cerrar(self) -> None:
        """Close the connections that are kept."""
        for _, escritor in self._libres:
            escritor.close()

    async def _post(self, cuerpo: bytes) -> tuple[int, dict[str, str], bytes]:
        lector, escritor = await self._conexion()
        escritor.write(
            f"POST {self._pedido.ruta} HTTP/1.1\r\nHost: {self._host}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(cuerpo)}\r\n\r\n".encode()
            + cuerpo
        )
        primera, *lineas = (await lector.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
        cabeceras = {k.lower(): v for k, v in (linea.split(": ", 1) for linea in lineas)}
        recibido = await lector.readexactly(int(cabeceras["content-length"]))
        if cabeceras.get("connection") == "close":
            escritor.close()
        else:
            self._libres.append((lector, escritor))
        return int(primera.split()[1]), cabeceras, recibido

    async def _conexion(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._libres:
            lector, escritor = self._libres.pop()
            if not lector.at_eof():
                return lector, escritor
            escritor.close()
        return await asyncio.open_connection(self._host, self._puerto)


def por_http(
    url: str | Sequence[str], sagas: int, pedido: Pedido = CAMPANA, clientes: int = CLIENTES
) -> list[float]:
    """Start sagas from several clients at once, each when it has its answer; return how long each took.

    A client that is told to come back later does so, and its wait counts. Of several copies of the service
    each has its share of the clients.
    """
    urls = [url] if isinstance(url, str) else url
    numeros, tiempos = iter(range(sagas)), list[float]()

    async def todos() -> None:
        copias = [Cliente(una, pedido) for una in urls]
        suyas = (copias[n % len(copias)] for n in range(clientes))
        await asyncio.gather(*(_uno(cliente, numeros, tiempos, pedido.bien) for cliente in suyas))
        for cliente in copias:
            cliente.cerrar()

    asyncio.run(todos())
    return tiempos


async def _uno(cliente: Cliente, numeros: Iterator[int], tiempos: list[float], bien: int) -> None:
    for numero in numeros:
        comienzo = time.time()
        while (inicio := await cliente.iniciar(numero, comienzo)).estado == 429:
            await asyncio.sleep(int(inicio.vuelta_s))
        if inicio.estado != bien:
            raise SinCifra(f"un inicio por HTTP tuvo {inicio.estado} {inicio.vuelta_s}")
        tiempos.append(inicio.contestado - comienzo)

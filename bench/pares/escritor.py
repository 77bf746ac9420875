"""Writes the row of a step for the peers that leave it to the application: one statement, one commit."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Self

import psycopg

from bench.pares.filas import Orden


class Escritor:
    """One connection a thread, in autocommit: no transaction is held between two steps. Thread-safe."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._hilo = threading.local()
        self._todas: list[psycopg.Connection] = []

    def escribir(self, orden: Orden) -> None:
        """Run a statement and commit it."""
        self._conexion().execute(*orden)

    def _conexion(self) -> psycopg.Connection:
        if not hasattr(self._hilo, "conexion"):
            self._hilo.conexion = psycopg.connect(self._url, autocommit=True, prepare_threshold=0)
            self._todas.append(self._hilo.conexion)
        conexion: psycopg.Connection = self._hilo.conexion
        return conexion

    def cerrar(self) -> None:
        """Close the connections of all threads."""
        for conexion in self._todas:
            conexion.close()


class EscritorAsincrono:
    """A few connections in autocommit, for the tasks of one event loop; one waits while all are taken."""

    def __init__(self, conexiones: Sequence[psycopg.AsyncConnection]) -> None:
        self._libres: asyncio.LifoQueue[psycopg.AsyncConnection] = asyncio.LifoQueue()
        for conexion in conexiones:
            self._libres.put_nowait(conexion)

    @classmethod
    async def abrir(cls, url: str, cuantas: int) -> Self:
        """Connect."""
        abrir = psycopg.AsyncConnection.connect
        return cls([await abrir(url, autocommit=True, prepare_threshold=0) for _ in range(cuantas)])

    async def escribir(self, orden: Orden) -> None:
        """Run a statement and commit it."""
        conexion = await self._libres.get()
        try:
            await conexion.execute(*orden)
        finally:
            self._libres.put_nowait(conexion)

    async def cerrar(self) -> None:
        """Close the connections; nothing is being written."""
        while not self._libres.empty():
            await self._libres.get_nowait().close()

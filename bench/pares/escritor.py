"""Writes the row of a step for the peers that leave it to the application: one statement, one commit."""

import threading

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

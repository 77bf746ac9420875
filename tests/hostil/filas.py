"""The rows of every table of a database, counted and summed up, read again only after something changed."""

import hashlib
import sqlite3
from collections.abc import Set
from typing import Any

import psycopg2
from sqlalchemy import make_url

Foto = dict[str, tuple[int, str]]
# A partition is looked at through its table; of sequences and views there is nothing to see.
TABLAS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
    " AND relnamespace = 'public'::regnamespace",
}
# Moves on with every commit; of PostgreSQL with those of other databases as well.
MARCA = {"sqlite": "PRAGMA data_version", "postgresql": "SELECT pg_snapshot_xmax(pg_current_snapshot())"}
CUENTA = (
    "SELECT '{0}', count(*), md5(COALESCE(string_agg(f, '' ORDER BY f), ''))"
    ' FROM (SELECT CAST(t AS text) AS f FROM "{0}" t) filas'
)


class Filas:
    """Looks at a database over a connection of its own."""

    def __init__(self, url: str, fuera: Set[str]) -> None:
        self._base = make_url(url).get_backend_name()
        self._con = _conectar(url)
        self._tablas = sorted({nombre for (nombre,) in self._leer(TABLAS[self._base])} - fuera)
        self._vista: tuple[object, Foto] = (None, {})

    def foto(self) -> Foto:
        """Return count and checksum of each table."""
        [(marca,)] = self._leer(MARCA[self._base])
        if marca != self._vista[0]:
            self._vista = marca, self._postgres() if self._base == "postgresql" else self._sqlite()
        return self._vista[1]

    def cerrar(self) -> None:
        """Close the connection."""
        self._con.close()

    def _postgres(self) -> Foto:
        filas = self._leer(" UNION ALL ".join(CUENTA.format(tabla) for tabla in self._tablas))
        return {tabla: (cuantas, suma) for tabla, cuantas, suma in filas}

    def _sqlite(self) -> Foto:
        filas = {t: sorted(repr(f) for f in self._leer(f'SELECT * FROM "{t}"')) for t in self._tablas}
        return {t: (len(f), hashlib.sha256("\n".join(f).encode()).hexdigest()) for t, f in filas.items()}

    def _leer(self, consulta: str) -> list[tuple[Any, ...]]:
        cursor = self._con.cursor()
        cursor.execute(consulta)
        return list(cursor.fetchall())


def _conectar(url: str) -> Any:
    if make_url(url).get_backend_name() == "sqlite":
        return sqlite3.connect(str(make_url(url).database))
    conexion = psycopg2.connect(url)
    conexion.autocommit = True
    return conexion

"""Translates the drivers' errors into ours: conflict, lock held, database away, statement refused."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2 import errors as pg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as SinConexionLibre

from aeropartners.seedwork.aplicacion.puertos import Bloqueado, ConexionPerdida, Conflicto

_CONFLICTOS = (pg.UniqueViolation, pg.SerializationFailure, pg.DeadlockDetected)
# A statement that took too long waited for a lock: our statements find rows by their keys, which is fast.
_BLOQUEOS = (pg.LockNotAvailable, pg.QueryCanceled)
# Classes of SQLSTATE that concern the server and not the statement: connection, resources (disk, memory,
# connections), shutdown and start, its files; a server that is no longer the primary, and a session that the
# server ended.
_DEL_SERVIDOR = ("08", "53", "57", "58", "25006", "25P03", "25P04")
_DEL_LLAMANTE = (psycopg2.ProgrammingError, psycopg2.DataError, psycopg2.NotSupportedError)
_SQLITE_BLOQUEOS = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_SQLITE_DEL_ARCHIVO = (
    *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL),
)


class RechazoDeLaBase(SQLAlchemyError):
    """The database refuses a statement: the database's own message, without the statement and its values."""


@contextmanager
def traducir_errores() -> Iterator[None]:
    """Turn drivers' errors in the body into Conflicto, Bloqueado, ConexionPerdida or RechazoDeLaBase."""
    try:
        yield
    except (SQLAlchemyError, psycopg2.Error, sqlite3.Error) as error:
        otro = traducido(error)
        if otro is None:
            raise
        # `from None`: a log of the cause would contain the statement and its values.
        raise otro.with_traceback(error.__traceback__) from None


def traducido(error: Exception) -> Exception | None:
    """Return our error for a driver's error; None for any other error."""
    if isinstance(error, SinConexionLibre):
        return ConexionPerdida("No hay conexión libre con la base")
    if isinstance(error, DBAPIError):
        origen, perdida = error.orig, error.connection_invalidated
    else:
        origen, perdida = error, False
    if isinstance(origen, psycopg2.Error):
        return _de_postgres(origen, perdida)
    return _de_sqlite(origen, perdida) if isinstance(origen, sqlite3.Error) else None


def _de_postgres(error: psycopg2.Error, perdida: bool) -> Exception:
    # Only the first line of the message: the others quote the values that were written.
    dicho = (error.diag.message_primary or str(error)).strip()
    if isinstance(error, _CONFLICTOS):
        return Conflicto(dicho)
    if isinstance(error, _BLOQUEOS):
        return Bloqueado(dicho)
    codigo = error.pgcode or ""
    # An error without a code comes from the driver: wrong use by our code, or a lost connection.
    sin_conexion = not codigo and not isinstance(error, _DEL_LLAMANTE)
    if perdida or sin_conexion or codigo.startswith(_DEL_SERVIDOR):
        return ConexionPerdida(dicho)
    return RechazoDeLaBase(f"{type(error).__name__} {codigo}: {dicho}")


def _de_sqlite(error: sqlite3.Error, perdida: bool) -> Exception:
    dicho, codigo = str(error), getattr(error, "sqlite_errorcode", 0) & 0xFF
    if isinstance(error, sqlite3.IntegrityError) and "UNIQUE" in dicho:
        return Conflicto(dicho)
    if codigo in _SQLITE_BLOQUEOS:
        return Bloqueado(dicho)
    if perdida or codigo in _SQLITE_DEL_ARCHIVO:
        return ConexionPerdida(dicho)
    return RechazoDeLaBase(f"{type(error).__name__}: {dicho}")

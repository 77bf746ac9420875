"""What drivers raise, in the machine's words: another one won, a lock is held, the database is away."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from psycopg2 import errors as pg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as SinConexionLibre

from aeropartners.seedwork.aplicacion.puertos import Bloqueado, ConexionPerdida, Conflicto

_CONFLICTOS = (pg.UniqueViolation, pg.SerializationFailure, pg.DeadlockDetected)
# A statement that took too long waited for a lock: ours name rows by their keys.
_BLOQUEOS = (pg.LockNotAvailable, pg.QueryCanceled)
# Classes of SQLSTATE that are about the server and about no statement: connection, resources (disk, memory,
# connections), shutdown and start, its files; a server that is no primary any more, and a session it ended.
_DEL_SERVIDOR = ("08", "53", "57", "58", "25006", "25P03", "25P04")
_DEL_LLAMANTE = (psycopg2.ProgrammingError, psycopg2.DataError, psycopg2.NotSupportedError)
_SQLITE_BLOQUEOS = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_SQLITE_DEL_ARCHIVO = (
    *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR),
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL),
)


class RechazoDeLaBase(SQLAlchemyError):
    """What the database refuses of a statement: its own words, without the statement and the values."""


@contextmanager
def traducir_errores() -> Iterator[None]:
    """Turn what drivers raise into Conflicto, Bloqueado, ConexionPerdida and RechazoDeLaBase."""
    try:
        yield
    except (SQLAlchemyError, psycopg2.Error, sqlite3.Error) as error:
        otro = traducido(error)
        if otro is None:
            raise
        # Not from it: a log that told the cause would quote the statement and what was written.
        raise otro.with_traceback(error.__traceback__) from None


def traducido(error: Exception) -> Exception | None:
    """Return what an error means to the machine; None for one that no driver raised."""
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
    # Only its first line: the others quote what was written.
    dicho = (error.diag.message_primary or str(error)).strip()
    if isinstance(error, _CONFLICTOS):
        return Conflicto(dicho)
    if isinstance(error, _BLOQUEOS):
        return Bloqueado(dicho)
    codigo = error.pgcode or ""
    # Without a code it is the driver that speaks: of its caller, or of a connection that is gone.
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

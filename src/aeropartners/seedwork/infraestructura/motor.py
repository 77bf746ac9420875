"""Engines: worker connections that never plan a scan, SQLite behind one fair lock, errors translated."""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import errors as pg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError

from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida, Conflicto

TRABAJADOR = "aeropartners-trabajador"
# Plans cached while tables are empty are sequential scans for ever (architecture, section 5).
_OPCIONES = (
    "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off "
    "-c idle_in_transaction_session_timeout=5s -c lock_timeout=2s -c timezone=UTC "
    f"-c application_name={TRABAJADOR}"
)
_KEEPALIVE = {"keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
_ARCHIVO = "archivo"
_CONFLICTOS = (pg.UniqueViolation, pg.SerializationFailure, pg.DeadlockDetected, pg.LockNotAvailable)


class CerrojoJusto:
    """A lock that serves its waiters in the order in which they came; SQLite's own starves them."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._espera: deque[threading.Event] = deque()
        self._tomado = False

    def __enter__(self) -> None:
        turno = threading.Event()
        with self._mutex:
            if not self._tomado:
                self._tomado = True
                return
            self._espera.append(turno)
        turno.wait()

    def __exit__(self, *_exc: object) -> None:
        with self._mutex:
            if self._espera:
                self._espera.popleft().set()
            else:
                self._tomado = False


class Motor:
    """One database: `escritura` opens worker transactions, `lectura` connections for queries."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.es_postgres = make_url(url).get_backend_name() == "postgresql"
        if self.es_postgres:
            url = make_url(url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
            self._escritura = create_engine(
                url,
                connect_args={"options": _OPCIONES, **_KEEPALIVE},
                hide_parameters=True,  # what a statement was about is in no error, and so in no log
                pool_size=10,
                max_overflow=20,
            )
            self._lectura = create_engine(
                url,
                hide_parameters=True,
                pool_size=10,
                max_overflow=20,
                pool_pre_ping=True,
                connect_args={"options": "-c timezone=UTC", **_KEEPALIVE},
            )
        else:
            self._escritura = _motor_sqlite(url, "BEGIN IMMEDIATE")
            self._lectura = _motor_sqlite(url, "BEGIN")
        self._cerrojo = CerrojoJusto()

    @contextmanager
    def escritura(self) -> Iterator[Connection]:
        """Open a transaction that rolls back unless it is committed; errors are translated."""
        with traducir_errores():
            if self.es_postgres:
                with self._escritura.connect() as conexion:
                    yield conexion
            else:
                with self._cerrojo, self._escritura.connect() as conexion:
                    yield conexion

    @contextmanager
    def lectura(self) -> Iterator[Connection]:
        """Open a connection for queries; never in the way of a writer."""
        with self._lectura.connect() as conexion:
            yield conexion

    def cerrar(self) -> None:
        """Close all pooled connections."""
        self._escritura.dispose()
        self._lectura.dispose()


@contextmanager
def traducir_errores() -> Iterator[None]:
    """Turn what drivers raise into Conflicto and ConexionPerdida; the rest goes up as it is."""
    try:
        yield
    except DBAPIError as error:
        traducido = _traducido(error.orig, error.connection_invalidated)
        if traducido is None:
            raise
        raise traducido from error
    except (psycopg2.Error, sqlite3.Error) as error:
        traducido = _traducido(error, False)
        if traducido is None:
            raise
        raise traducido from error


def _traducido(origen: BaseException | None, invalidada: bool) -> Exception | None:
    if isinstance(origen, _CONFLICTOS):
        return Conflicto(str(origen))
    if isinstance(origen, sqlite3.IntegrityError) and "UNIQUE" in str(origen):
        return Conflicto(str(origen))
    if invalidada or isinstance(origen, psycopg2.OperationalError | psycopg2.InterfaceError):
        return ConexionPerdida(str(origen))
    return None


def _motor_sqlite(url: str, comienzo: str) -> Engine:
    archivo = Path(make_url(url).database or "")
    archivo.parent.mkdir(parents=True, exist_ok=True)
    argumentos = {"check_same_thread": False, "timeout": 30}
    motor = create_engine(url, connect_args=argumentos, hide_parameters=True, max_overflow=-1)
    event.listen(motor, "connect", _preparar_sqlite(archivo))
    event.listen(motor, "checkout", _exigir_archivo(archivo))
    event.listen(motor, "begin", _comenzar(comienzo))
    return motor


def _preparar_sqlite(archivo: Path) -> Callable[[Any, Any], None]:
    def preparar(conexion: Any, registro: Any) -> None:
        conexion.isolation_level = None
        for orden in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            conexion.execute(f"PRAGMA {orden}")
        registro.info[_ARCHIVO] = _cual(archivo)

    return preparar


def _exigir_archivo(archivo: Path) -> Callable[[Any, Any, Any], None]:
    """Leave a connection whose file was moved or removed: what it wrote would be found by nobody."""

    def exigir(_conexion: Any, registro: Any, _prestada: Any) -> None:
        if registro.info[_ARCHIVO] != _cual(archivo):
            raise DisconnectionError(f"{archivo} es otro archivo que el que se abrió")

    return exigir


def _cual(archivo: Path) -> tuple[int, int] | None:
    try:
        estado = archivo.stat()
    except OSError:
        return None
    return estado.st_dev, estado.st_ino


def _comenzar(orden: str) -> Callable[[Connection], None]:
    def comenzar(conexion: Connection) -> None:
        conexion.exec_driver_sql(orden)

    return comenzar

"""Database engines: connections that avoid table scans, SQLite behind one fair lock, errors translated."""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError

from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida
from aeropartners.seedwork.infraestructura.base.archivos_privados import CARPETA, archivo_privado
from aeropartners.seedwork.infraestructura.base.errores_de_base import traducido, traducir_errores

TRABAJADOR = "aeropartners-trabajador"
# Plans cached while tables are empty are sequential scans for ever (architecture, section 5).
_OPCIONES = (
    "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off "
    "-c idle_in_transaction_session_timeout=5s -c lock_timeout=2s -c timezone=UTC "
    f"-c application_name={TRABAJADOR}"
)
_KEEPALIVE = {"keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
_ARCHIVO, _EPOCA = "archivo", "epoca"


class CerrojoJusto:
    """A lock that serves its waiters in their order; SQLite's own lock lets some wait for ever."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._espera: deque[threading.Event] = deque()
        self._tomado = False

    def __enter__(self) -> None:
        aviso = threading.Event()
        with self._mutex:
            if not self._tomado:
                self._tomado = True
                return
            self._espera.append(aviso)
        aviso.wait()

    def __exit__(self, *_exc: object) -> None:
        with self._mutex:
            if self._espera:
                self._espera.popleft().set()
            else:
                self._tomado = False


class Motor:
    """One database: `escritura` opens transactions of the loops, `lectura` connections for queries.

    Safe from any thread.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.es_postgres = make_url(url).get_backend_name() == "postgresql"
        if self.es_postgres:
            url = make_url(url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
            self._escritura = create_engine(
                url,
                connect_args={"options": _OPCIONES, **_KEEPALIVE},
                hide_parameters=True,  # keeps the values of statements out of errors and logs
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
        self._cerrojo = None if self.es_postgres else CerrojoJusto()
        self._epoca = 0
        for motor in (self._escritura, self._lectura):
            event.listen(motor, "connect", self._fechar)
            event.listen(motor, "checkout", self._exigir_de_hoy)

    @property
    def lugar(self) -> Path:
        """The file of a SQLite database."""
        return Path(make_url(self.url).database or "")

    @property
    def existe(self) -> bool:
        """Whether there is a database file; always True for PostgreSQL, where only connecting tells."""
        return self.es_postgres or self.lugar.is_file()

    def crear(self) -> None:
        """Create the file of a SQLite database, readable by its owner only; does nothing for PostgreSQL.

        Nothing else creates a file: otherwise a command in the wrong folder would read an empty database.
        """
        if not self.es_postgres:
            self.lugar.parent.mkdir(mode=CARPETA, parents=True, exist_ok=True)
            archivo_privado(self.lugar)

    @contextmanager
    def escritura(self) -> Iterator[Connection]:
        """Open a transaction that rolls back unless it is committed; drivers' errors are translated.

        A session that was lost, or whose server takes no more writes, is closed. So are all sessions of the
        pool that were opened before, when they are next asked for: they lead to the same server, while new
        ones may lead to its successor.
        """
        with traducir_errores(), self._cerrojo or nullcontext(), self._escritura.connect() as conexion:
            epoca = self._epoca
            try:
                yield conexion
            except Exception as error:
                if isinstance(traducido(error), ConexionPerdida):
                    self._epoca = max(self._epoca, epoca + 1)
                    conexion.invalidate(error)
                raise

    @contextmanager
    def lectura(self) -> Iterator[Connection]:
        """Open a connection for queries; it never blocks a writer."""
        with self._lectura.connect() as conexion:
            yield conexion

    def cerrar(self) -> None:
        """Close all pooled connections; those in use close when they are returned."""
        self._escritura.dispose()
        self._lectura.dispose()

    def _fechar(self, _conexion: Any, registro: Any) -> None:
        registro.info[_EPOCA] = self._epoca

    def _exigir_de_hoy(self, _conexion: Any, registro: Any, _prestada: Any) -> None:
        """Refuse a pooled session that was opened before the last loss; the pool opens a new one.

        Emptying the pools instead would miss the sessions that are in use.
        """
        if registro.info[_EPOCA] != self._epoca:
            raise DisconnectionError("la base se perdió desde que se abrió")


def _motor_sqlite(url: str, comienzo: str) -> Engine:
    archivo = Path(make_url(url).database or "")
    motor = create_engine(url, creator=_abrir_sqlite(archivo), hide_parameters=True, max_overflow=-1)
    event.listen(motor, "connect", _preparar_sqlite(archivo))
    event.listen(motor, "checkout", _exigir_archivo(archivo))
    event.listen(motor, "begin", _comenzar(comienzo))
    return motor


def _abrir_sqlite(archivo: Path) -> Callable[[], sqlite3.Connection]:
    def abrir() -> sqlite3.Connection:
        if not archivo.is_file():
            raise sqlite3.OperationalError(f"no hay una base de datos en {archivo}")
        return sqlite3.connect(
            f"{archivo.absolute().as_uri()}?mode=rw", uri=True, check_same_thread=False, timeout=30
        )

    return abrir


def _preparar_sqlite(archivo: Path) -> Callable[[Any, Any], None]:
    def preparar(conexion: Any, registro: Any) -> None:
        conexion.isolation_level = None
        for orden in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            conexion.execute(f"PRAGMA {orden}")
        registro.info[_ARCHIVO] = _cual(archivo)

    return preparar


def _exigir_archivo(archivo: Path) -> Callable[[Any, Any, Any], None]:
    """Refuse a connection whose file was moved or replaced: no later reader would find its writes."""

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

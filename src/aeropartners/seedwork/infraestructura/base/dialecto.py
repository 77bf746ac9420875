"""The port of the store's SQL statements, so that both dialects have the same functions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, TextClause

from aeropartners.seedwork.aplicacion.puertos import INDEFINIDA, Reloj
from aeropartners.seedwork.aplicacion.serializacion import Conocida

Fila = dict[str, Any]


class Posicion(NamedTuple):
    """A place in the commit order of rows; `tx` is 0 in SQLite, where one writer at a time commits."""

    tx: int
    posicion: int


INICIO = Posicion(0, 0)
INDEFINIDA_MS = INDEFINIDA // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Plazos:
    """A table whose rows have a wake-up time, the column `revisar_en`, and wait for nobody's reply."""

    tabla: str


@dataclass(frozen=True, slots=True)
class PlazosDeRespuesta(Plazos):
    """A table with a wake-up time whose rows wait for a reply, which may have come and be unread.

    `columnas` are the columns with the kind and version of a row; this process can read `conocidas`.
    `reintento` is the column with the time of the next try, for which no reply is awaited. While a message of
    `consumidor` in `reintentos` contains a row's id, the row is not woken: the message may be the reply that
    it waits for.
    """

    columnas: tuple[str, str]
    conocidas: frozenset[Conocida]
    reintento: str
    consumidor: str


def una_de(
    columnas: tuple[str, str], conocidas: Collection[Conocida], lugar: str
) -> tuple[str, tuple[str | int, ...]]:
    """Return the SQL condition that a row has one of these names and versions, and its parameters.

    `lugar` is the placeholder of the dialect. It is a filter, not a join, because the rows are found by
    another column's index.
    """
    nombre, version = columnas
    una = f"({nombre} = {lugar} AND {version} = {lugar})"
    condicion = " OR ".join([una] * len(conocidas)) or "1 = 0"
    return f"({condicion})", tuple(valor for conocida in sorted(conocidas) for valor in conocida)


class Tanda(Protocol):
    """The statements of one transaction, sent in the order of the calls, at the end of the `with` at latest.

    Rows are dicts with the same keys; JSON values are `msgspec.Raw`. A call without rows does nothing.
    """

    def __enter__(self) -> "Tanda": ...

    def __exit__(
        self,
        _tipo: type[BaseException] | None,
        _error: BaseException | None,
        _traza: TracebackType | None,
        /,
    ) -> None: ...

    def actualizar(self, tabla: Table, claves: Sequence[str], filas: Sequence[Fila], /) -> None:
        """Update one row for each of `filas`; raises Conflicto if a row is not found.

        `claves` are the columns that identify a row. `version=version_previa` compares the column `version`
        with the value `version_previa` of the dict.
        """

    def anexar(self, tabla: Table, filas: Sequence[Fila], /) -> None:
        """Insert rows."""

    def borrar(self, tabla: Table, filas: Sequence[Fila], /) -> None:
        """Delete the rows that match all columns of one of `filas`."""

    def sumar(self, tabla: Table, claves: Sequence[str], suma: str, filas: Sequence[Fila], /) -> None:
        """Add to the column `suma` of the rows with these keys; insert the rows that do not exist."""

    def guardar_rafaga(self, rafaga_id: UUID, creado: datetime, cuerpo: bytes, /) -> None:
        """Insert an outbox row."""


# The columns of returned rows; ids are text, as the driver gives them.
FilaDeEvento = tuple[Any, str, str, int, Any]
# ambito, valor, flujo
FilaDeUnico = tuple[str, str, Any]
# servicio, ruta, clave, cliente, huella, estado, cuerpo
FilaDeClave = tuple[str, str, str, str, str, int, Any]
# id, tema, cuerpo, intentos, error
FilaApartada = tuple[Any, str, Any, int, str]


class SQL(Protocol):
    """The statements that `sql_postgres` and `sql_sqlite` offer, each in its own dialect.

    They run in the transaction of the connection that is passed.
    """

    def ahora(self, _conexion: Connection, _reloj: Reloj, /) -> datetime:
        """Return the database's clock; on PostgreSQL the time at which the transaction began."""

    def reloj(self, _conexion: Connection, _reloj: Reloj, /) -> datetime:
        """Return the database's clock at this moment."""

    def entradas(
        self, conexion: Connection, consumidor: str, ids: Collection[UUID], ajenas: Mapping[UUID, UUID], /
    ) -> tuple[set[UUID], datetime | None]:
        """Insert inbox rows; return the new ids, and the database's clock if the statement read it.

        `ajenas` gives, for messages of public topics, the id that the sender chose.
        """

    def flujos(self, conexion: Connection, desde: Mapping[UUID, int], /) -> Sequence[FilaDeEvento]:
        """Return the events of these streams after the given versions, by stream and version."""

    def filas_por_id(
        self, conexion: Connection, tabla: str, columnas: Sequence[str], ids: Collection[UUID], /
    ) -> Sequence[tuple[Any, ...]]:
        """Return the named columns, as text, of the rows with these ids, in no order."""

    def duenos(self, conexion: Connection, valores: Collection[tuple[str, str]], /) -> Sequence[FilaDeUnico]:
        """Return those of these claims (ambito, valor) that exist, with the stream that owns each."""

    def claves(
        self, conexion: Connection, valores: Collection[tuple[str, str, str, str, str]], /
    ) -> Sequence[FilaDeClave]:
        """Return the idempotency keys that exist of these (servicio, ruta, clave, cliente, venida).

        A key is found under `ruta` or `venida`, and with the caller or with an empty one (older releases).
        The rows with an empty caller come first.
        """

    def tanda(self, conexion: Connection, /) -> Tanda:
        """Return a new `Tanda` for this connection."""

    def vencidos(
        self,
        conexion: Connection,
        plazos: PlazosDeRespuesta,
        momento: datetime,
        maximo: int,
        solo: Collection[UUID],
        sin: Collection[UUID],
        /,
    ) -> tuple[list[UUID], timedelta]:
        """Lock the ids whose `revisar_en` is due, oldest first, and return how late replies may be.

        `solo`, if not empty, limits the search to these ids; `sin` excludes ids. Rows that another process
        has locked, or whose reply may be unread, are left out: see `UnidadDeTrabajo.vencidos`.
        """

    def debidos(
        self,
        conexion: Connection,
        tabla: str,
        momento: datetime,
        maximo: int,
        solo: Collection[UUID],
        sin: Collection[UUID],
        /,
    ) -> list[UUID]:
        """Return the ids whose `revisar_en` is due, oldest first; nothing is locked.

        `solo`, if not empty, limits the search to these ids; `sin` excludes ids.
        """

    def bloquear(self, conexion: Connection, tabla: str, ids: Collection[UUID], /) -> None:
        """Lock the rows with these ids, in the order of the ids; ids without a row are passed over."""

    def numeros(self, conexion: Connection, contadores: Collection[str], /) -> Sequence[tuple[str, int]]:
        """Lock these counters in the order of their names, and return each with its last number.

        Counters that do not exist are inserted with 0.
        """

    def aplazar(self, conexion: Connection, tabla: str, ids: Collection[UUID], desde: datetime, /) -> None:
        """Set `plazo_desde` of the streams with an open deadline: their deadlines run from `desde`."""

    def apartado(
        self, conexion: Connection, consumidor: str, momento: datetime, conocidas: Collection[Conocida], /
    ) -> FilaApartada | None:
        """Lock and return one message set aside whose next try is due and that this process can read."""

    def quitar_apartado(self, conexion: Connection, consumidor: str, id: UUID, intentos: int, /) -> bool:
        """Delete a message set aside. False when it is gone or its number of attempts has changed."""

    def sumar_intentos(
        self, conexion: Connection, consumidor: str, ids: Collection[UUID], suma: int, /
    ) -> Sequence[tuple[Any, int]]:
        """Count these messages and return (id, count): 1 for a new id, else `suma` more and at least 2.

        An id that comes twice in the call counts once.
        """

    def anotar_parada(self, conexion: Connection, consumidor: str, limpio: bool, /) -> bool:
        """Record whether the consumer stopped cleanly; return the value before, True if there was none."""

    def sin_esperar_al_disco(self, _conexion: Connection, /) -> None:
        """Let this commit return before it is on disk: a crash of the server may undo the transaction."""

    def asentado(self, _conexion: Connection, /) -> int:
        """Return the oldest transaction number that may still be running: all smaller ones have ended."""

    def ventana(
        self, conexion: Connection, tabla: Table, desde: Posicion, maximo: int, antes: int, /
    ) -> Posicion | None:
        """Return the position of the last of the next `maximo` rows after `desde`; None without rows.

        Only rows of transactions before `antes` count, because their set can no longer change.
        """

    def pendientes(
        self, conexion: Connection, proyeccion: str, antes: int, maximo: int, /
    ) -> Sequence[tuple[int, str]]:
        """Return (posicion, cambios) of a projection's stored differences, of transactions before `antes`."""

    def tramo(self, desde: Posicion, hasta: Posicion, /) -> TextClause:
        """Return the condition that rows of alias `e` are after `desde` and not after `hasta`."""

    def ultima(self, conexion: Connection, tabla: Table, /) -> Posicion:
        """Return the position of the newest committed row; the first position for an empty table."""

    def lugar(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """Return the columns of a row's position, for alias `e`; ordering by them is commit order."""

    def restaurada(self, _conexion: Connection, _tabla: Table, /) -> bool:
        """Whether the table was restored from another server: rows have that server's transaction numbers."""

    def rebasar(self, _conexion: Connection, _tabla: Table, /) -> None:
        """Give restored rows a transaction number that is older than all of this server's."""

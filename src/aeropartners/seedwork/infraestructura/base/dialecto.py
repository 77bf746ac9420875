"""The store's statements as a port, so that both databases are held to the same names."""

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
    """A place in the order in which events were committed; `tx` is 0 where one writer at a time commits."""

    tx: int
    posicion: int


INICIO = Posicion(0, 0)
INDEFINIDA_MS = INDEFINIDA // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Plazos:
    """A table whose rows are woken up by `revisar_en`.

    `columnas` name the kind and version of a row, of which this process can read `conocidas`;
    `reintento` is the column of a next try, which waits for nobody's reply. A row whose id is named by a
    message of `consumidor` that waits in `reintentos` is left: that may be the reply to what is due.
    """

    tabla: str
    columnas: tuple[str, str]
    conocidas: frozenset[Conocida]
    reintento: str
    consumidor: str


def una_de(
    columnas: tuple[str, str], conocidas: Collection[Conocida], lugar: str
) -> tuple[str, tuple[str | int, ...]]:
    """Return the condition that a row is of one of these names and versions, and its values.

    A filter, not a join: the rows are found by another column's index.
    """
    nombre, version = columnas
    una = f"({nombre} = {lugar} AND {version} = {lugar})"
    condicion = " OR ".join([una] * len(conocidas)) or "1 = 0"
    return f"({condicion})", tuple(valor for conocida in sorted(conocidas) for valor in conocida)


class Tanda(Protocol):
    """Writes of one transaction, done in the order in which they are named, by the end of the `with`.

    Rows are dicts of one shape; JSON comes as `msgspec.Raw`. Nothing happens for no rows.
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
        """Update one row for each of `filas`, or raise Conflicto.

        `claves` are columns, or pairs that compare a column with another name of the row:
        `version=version_previa`.
        """

    def anexar(self, tabla: Table, filas: Sequence[Fila], /) -> None:
        """Append rows."""

    def borrar(self, tabla: Table, filas: Sequence[Fila], /) -> None:
        """Delete the rows that match all columns of one of `filas`."""

    def sumar(self, tabla: Table, claves: Sequence[str], suma: str, filas: Sequence[Fila], /) -> None:
        """Add to the column `suma` of the rows with these keys, making those that are missing."""

    def guardar_rafaga(self, lote: UUID, creado: datetime, cuerpo: bytes, /) -> None:
        """Append an outbox row."""


class SQL(Protocol):
    """What `sql_postgres` and `sql_sqlite` offer, each function in its own dialect."""

    def ahora(self, _conexion: Connection, _reloj: Reloj, /) -> datetime: ...

    def entradas(
        self, conexion: Connection, consumidor: str, ids: Collection[UUID], ajenas: Mapping[UUID, UUID], /
    ) -> tuple[set[UUID], datetime | None]: ...

    def flujos(self, conexion: Connection, desde: Mapping[UUID, int], /) -> Sequence[Any]: ...

    def filas_por_id(
        self, conexion: Connection, tabla: str, columnas: Sequence[str], ids: Collection[UUID], /
    ) -> Sequence[Any]: ...

    def duenos(self, conexion: Connection, valores: Collection[tuple[str, str]], /) -> Sequence[Any]: ...

    def claves(
        self, conexion: Connection, valores: Collection[tuple[str, str, str, str, str]], /
    ) -> Sequence[Any]: ...

    def tanda(self, conexion: Connection, /) -> Tanda: ...

    def reloj(self, _conexion: Connection, _reloj: Reloj, /) -> datetime: ...

    def vencidos(
        self,
        conexion: Connection,
        plazos: Plazos,
        momento: datetime,
        maximo: int,
        solo: Collection[UUID],
        sin: Collection[UUID],
        /,
    ) -> tuple[list[UUID], timedelta]: ...

    def aplazar(
        self, conexion: Connection, tabla: str, ids: Collection[UUID], desde: datetime, /
    ) -> None: ...

    def apartado(
        self, conexion: Connection, consumidor: str, momento: datetime, conocidas: Collection[Conocida], /
    ) -> Any: ...

    def quitar_apartado(self, conexion: Connection, consumidor: str, id: UUID, intentos: int, /) -> bool: ...

    def sumar_intentos(
        self, conexion: Connection, consumidor: str, ids: Collection[UUID], suma: int, /
    ) -> Sequence[Any]: ...

    def turno(self, conexion: Connection, consumidor: str, limpio: bool, /) -> bool: ...

    def sin_esperar_al_disco(self, _conexion: Connection, /) -> None: ...

    def asentado(self, _conexion: Connection, /) -> int: ...

    def ventana(
        self, conexion: Connection, tabla: Table, desde: Posicion, maximo: int, antes: int, /
    ) -> Posicion | None: ...

    def pendientes(
        self, conexion: Connection, proyeccion: str, antes: int, maximo: int, /
    ) -> Sequence[tuple[int, str]]: ...

    def tramo(self, desde: Posicion, hasta: Posicion, /) -> TextClause: ...

    def ultima(self, conexion: Connection, tabla: Table, /) -> Posicion: ...

    def lugar(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]: ...

    def restaurada(self, _conexion: Connection, _tabla: Table, /) -> bool: ...

    def rebasar(self, _conexion: Connection, _tabla: Table, /) -> None: ...

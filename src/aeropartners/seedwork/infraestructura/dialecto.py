"""The store's statements as a port, so that both databases are held to the same names."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, TextClause

from aeropartners.seedwork.aplicacion.puertos import Reloj

Fila = dict[str, Any]


class Posicion(NamedTuple):
    """A place in the order in which events were committed; `tx` is 0 where one writer at a time commits."""

    tx: int
    posicion: int


INICIO = Posicion(0, 0)


class SQL(Protocol):
    """What `sql_postgres` and `sql_sqlite` offer, each function in its own dialect."""

    def ahora(self, _conexion: Connection, _reloj: Reloj, /) -> datetime: ...

    def entradas(self, conexion: Connection, consumidor: str, ids: Collection[UUID], /) -> set[UUID]: ...

    def flujos(self, conexion: Connection, desde: Mapping[UUID, int], /) -> Sequence[Any]: ...

    def filas_por_id(
        self, conexion: Connection, tabla: str, columnas: Sequence[str], ids: Collection[UUID], /
    ) -> Sequence[Any]: ...

    def duenos(self, conexion: Connection, valores: Collection[tuple[str, str]], /) -> Sequence[Any]: ...

    def claves(self, conexion: Connection, valores: Collection[tuple[str, str, str]], /) -> Sequence[Any]: ...

    def actualizar(
        self, conexion: Connection, tabla: Table, claves: Sequence[str], filas: Sequence[Fila], /
    ) -> int: ...

    def anexar(self, conexion: Connection, tabla: Table, filas: Sequence[Fila], /) -> None: ...

    def guardar_rafaga(
        self, conexion: Connection, lote: UUID, creado: datetime, cuerpo: bytes, /
    ) -> None: ...

    def borrar(self, conexion: Connection, tabla: Table, filas: Sequence[Fila], /) -> int: ...

    def vencidos(self, conexion: Connection, tabla: str, momento: datetime, maximo: int, /) -> list[UUID]: ...

    def apartado(self, conexion: Connection, consumidor: str, momento: datetime, /) -> Any: ...

    def sumar_intentos(
        self, conexion: Connection, consumidor: str, ids: Collection[UUID], suma: int, /
    ) -> Sequence[Any]: ...

    def turno(self, conexion: Connection, consumidor: str, limpio: bool, /) -> bool: ...

    def sumar(
        self, conexion: Connection, tabla: Table, claves: Sequence[str], suma: str, filas: Sequence[Fila], /
    ) -> None: ...

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

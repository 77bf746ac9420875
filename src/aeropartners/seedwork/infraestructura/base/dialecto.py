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

    def guardar_rafaga(self, rafaga_id: UUID, creado: datetime, cuerpo: bytes, /) -> None:
        """Append an outbox row."""


# What the statements return. Ids are text as the driver has it.
# flujo, tipo_flujo, tipo, version_evento, datos
FilaDeEvento = tuple[Any, str, str, int, Any]
# ambito, valor, flujo
FilaDeUnico = tuple[str, str, Any]
# servicio, ruta, clave, cliente, huella, estado, cuerpo
FilaDeClave = tuple[str, str, str, str, str, int, Any]
# id, tema, cuerpo, intentos, error
FilaApartada = tuple[Any, str, Any, int, str]


class SQL(Protocol):
    """What `sql_postgres` and `sql_sqlite` offer, each function in its own dialect."""

    def ahora(self, _conexion: Connection, _reloj: Reloj, /) -> datetime:
        """Return the database's clock: of the transaction's begin, where it has one of its own."""

    def reloj(self, _conexion: Connection, _reloj: Reloj, /) -> datetime:
        """Return the database's clock as it is now."""

    def entradas(
        self, conexion: Connection, consumidor: str, ids: Collection[UUID], ajenas: Mapping[UUID, UUID], /
    ) -> tuple[set[UUID], datetime | None]:
        """Insert inbox rows (id, consumidor, ajena); return the fresh ids, and the clock if read."""

    def flujos(self, conexion: Connection, desde: Mapping[UUID, int], /) -> Sequence[FilaDeEvento]:
        """Return the events of these streams after the given versions, in order."""

    def filas_por_id(
        self, conexion: Connection, tabla: str, columnas: Sequence[str], ids: Collection[UUID], /
    ) -> Sequence[tuple[Any, ...]]:
        """Return the named columns, as text, of the rows with these ids, in no order."""

    def duenos(self, conexion: Connection, valores: Collection[tuple[str, str]], /) -> Sequence[FilaDeUnico]:
        """Return those of these claims (ambito, valor) that exist, with the stream that holds each."""

    def claves(
        self, conexion: Connection, valores: Collection[tuple[str, str, str, str, str]], /
    ) -> Sequence[FilaDeClave]:
        """Return the idempotency keys that exist of these (servicio, ruta, clave, cliente, venida)."""

    def tanda(self, conexion: Connection, /) -> Tanda:
        """Return the writes of a transaction."""

    def vencidos(
        self,
        conexion: Connection,
        plazos: Plazos,
        momento: datetime,
        maximo: int,
        solo: Collection[UUID],
        sin: Collection[UUID],
        /,
    ) -> tuple[list[UUID], timedelta]:
        """Claim ids whose `revisar_en` has come and may count, oldest first; and how late replies may be.

        Only of `solo`, if any are named, and none of `sin`.
        """

    def aplazar(self, conexion: Connection, tabla: str, ids: Collection[UUID], desde: datetime, /) -> None:
        """Have the open deadlines of these streams run from a moment: their column `plazo_desde`."""

    def apartado(
        self, conexion: Connection, consumidor: str, momento: datetime, conocidas: Collection[Conocida], /
    ) -> FilaApartada | None:
        """Claim one waiting message whose next try is due, and that this process can read."""

    def quitar_apartado(self, conexion: Connection, consumidor: str, id: UUID, intentos: int, /) -> bool:
        """Delete a waiting message; False when it is not there with as many attempts."""

    def sumar_intentos(
        self, conexion: Connection, consumidor: str, ids: Collection[UUID], suma: int, /
    ) -> Sequence[tuple[Any, int]]:
        """Count an attempt of each of these messages; return (id, attempts)."""

    def anotar_parada(self, conexion: Connection, consumidor: str, limpio: bool, /) -> bool:
        """Set the mark of a clean stop and return what it was; True when there was none."""

    def sin_esperar_al_disco(self, _conexion: Connection, /) -> None:
        """Let this transaction commit in memory, where a crash may undo it whole."""

    def asentado(self, _conexion: Connection, /) -> int:
        """Return the oldest transaction that may still run: all before it have committed or are gone."""

    def ventana(
        self, conexion: Connection, tabla: Table, desde: Posicion, maximo: int, antes: int, /
    ) -> Posicion | None:
        """Return where the next `maximo` rows end that committed before `antes`; None when there are none."""

    def pendientes(
        self, conexion: Connection, proyeccion: str, antes: int, maximo: int, /
    ) -> Sequence[tuple[int, str]]:
        """Return (posicion, cambios) of the differences that wait to be counted."""

    def tramo(self, desde: Posicion, hasta: Posicion, /) -> TextClause:
        """Return the condition on rows of alias `e` after one position, up to and with another."""

    def ultima(self, conexion: Connection, tabla: Table, /) -> Posicion:
        """Return the position of the newest row; the first one, of an empty table."""

    def lugar(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """Return the columns of a row's position, for alias `e`; ordered by them is in commit order."""

    def restaurada(self, _conexion: Connection, _tabla: Table, /) -> bool:
        """Whether the table has rows of another server's transactions: it was restored from a copy."""

    def rebasar(self, _conexion: Connection, _tabla: Table, /) -> None:
        """Give the rows of another server's transactions numbers of this one's."""

"""The store's statements on PostgreSQL; `sql_sqlite` has the same names for SQLite."""

import io
import struct
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, TextClause, bindparam, literal_column, text
from sqlalchemy.dialects import postgresql

from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.dialecto import INICIO, Fila, Posicion

_DIALECTO = postgresql.dialect()  # type: ignore[no-untyped-call]
# PostgreSQL's binary COPY: signature, flags and extension; fields with their lengths; the end.
_CABECERA = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_RAFAGA, _FIN = struct.Struct("!hi16siqi"), struct.pack("!h", -1)
_EPOCA = datetime(2000, 1, 1, tzinfo=UTC)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def arreglo(valores: Collection[object]) -> str:
    """Return an array literal of values that need no quoting (uuids, numbers)."""
    return "{" + ",".join(str(v) for v in valores) + "}"


def ahora(conexion: Connection, _reloj: Reloj) -> datetime:
    """Read the database's clock."""
    momento = conexion.exec_driver_sql("SELECT now()").scalar_one()
    assert isinstance(momento, datetime)
    return momento


def entradas(conexion: Connection, consumidor: str, ids: Collection[UUID]) -> set[UUID]:
    """Insert inbox rows; return the fresh ids. Sorted: two consumers never wait in a circle."""
    por_texto = {str(id): id for id in sorted(ids)}
    filas = conexion.exec_driver_sql(
        "INSERT INTO entrada (id, consumidor) SELECT unnest(CAST(%s AS uuid[])), %s"
        " ON CONFLICT DO NOTHING RETURNING CAST(id AS text)",
        (arreglo(por_texto), consumidor),
    )
    return {por_texto[id] for (id,) in filas}


def flujos(conexion: Connection, desde: Mapping[UUID, int]) -> Sequence[Any]:
    """Return the events of these streams after the given versions, in order."""
    return conexion.exec_driver_sql(
        "SELECT CAST(e.flujo AS text), e.tipo_flujo, e.tipo, e.version_evento, CAST(e.datos AS text)"
        " FROM unnest(CAST(%s AS uuid[]), CAST(%s AS int[])) AS x(flujo, desde)"
        " JOIN eventos e ON e.flujo = x.flujo AND e.version > x.desde ORDER BY e.flujo, e.version",
        (arreglo(desde), arreglo(desde.values())),
    ).all()


def filas_por_id(
    conexion: Connection, tabla: str, columnas: Sequence[str], ids: Collection[UUID]
) -> Sequence[Any]:
    """Return the named columns, as text, of the rows with these ids."""
    lista = ", ".join(f"CAST({c} AS text)" for c in columnas)
    return conexion.exec_driver_sql(
        f"SELECT {lista} FROM {tabla} WHERE id = ANY(CAST(%s AS uuid[]))", (arreglo(ids),)
    ).all()


def duenos(conexion: Connection, valores: Collection[tuple[str, str]]) -> Sequence[Any]:
    """Return (ambito, valor, flujo) of the claims that exist."""
    return conexion.exec_driver_sql(
        "SELECT u.ambito, u.valor, CAST(u.flujo AS text) FROM json_to_recordset(CAST(%s AS json))"
        " AS x(ambito text, valor text) JOIN unicos u ON u.ambito = x.ambito AND u.valor = x.valor",
        (_documento({"ambito": a, "valor": v} for a, v in valores),),
    ).all()


def claves(conexion: Connection, valores: Collection[tuple[str, str, str]]) -> Sequence[Any]:
    """Return (servicio, ruta, clave, huella, estado, cuerpo) of the keys that exist."""
    return conexion.exec_driver_sql(
        "SELECT c.servicio, c.ruta, c.clave, c.huella, c.estado, CAST(c.cuerpo AS text)"
        " FROM json_to_recordset(CAST(%s AS json)) AS x(servicio text, ruta text, clave text)"
        " JOIN claves_idempotencia c"
        " ON c.servicio = x.servicio AND c.ruta = x.ruta AND c.clave = x.clave",
        (_documento({"servicio": s, "ruta": r, "clave": c} for s, r, c in valores),),
    ).all()


def actualizar(conexion: Connection, tabla: Table, claves: Sequence[str], filas: Sequence[Fila]) -> int:
    """Update rows found by `claves` (`columna` or `columna=otra`), in one statement; return how many.

    `claves` may compare a column with another name of the row: `version=version_previa`.
    """
    if not filas:
        return 0
    pares = [(c.split("=") * 2)[:2] for c in claves]
    buscadas = {fuente for _, fuente in pares}
    puestas = [c for c in filas[0] if c in tabla.c and c not in buscadas]
    tipos = {c.name: c.type.compile(_DIALECTO) for c in tabla.c}
    nombres = {**{c: tipos[c] for c in puestas}, **{fuente: tipos[c] for c, fuente in pares}}
    registro = ", ".join(f"{n} {t}" for n, t in nombres.items())
    asignar = ", ".join(f"{c} = x.{c}" for c in puestas)
    donde = " AND ".join(f"t.{c} = x.{fuente}" for c, fuente in pares)
    return conexion.exec_driver_sql(
        f"UPDATE {tabla.name} AS t SET {asignar}"
        f" FROM json_to_recordset(CAST(%s AS json)) AS x({registro}) WHERE {donde}",
        (_documento(filas),),
    ).rowcount


def anexar(conexion: Connection, tabla: Table, filas: Sequence[Fila]) -> None:
    """Append rows by COPY."""
    if not filas:
        return
    columnas = list(filas[0])
    texto = "\n".join(_lineas(columnas, filas)) + "\n"
    _copiar(conexion, f"COPY {tabla.name} ({', '.join(columnas)}) FROM STDIN", io.StringIO(texto))


def guardar_rafaga(conexion: Connection, lote: UUID, creado: datetime, cuerpo: bytes) -> None:
    """Append an outbox row by binary COPY: as text its body would be twice as long, and read byte by byte."""
    momento = (creado - _EPOCA) // timedelta(microseconds=1)
    fila = _RAFAGA.pack(3, 16, lote.bytes, 8, momento, len(cuerpo)) + cuerpo
    _copiar(
        conexion,
        "COPY salida (lote, creado, cuerpo) FROM STDIN (FORMAT binary)",
        io.BytesIO(_CABECERA + fila + _FIN),
    )


def borrar(conexion: Connection, tabla: Table, filas: Sequence[Fila]) -> int:
    """Delete the rows that match all columns of each of `filas`; return how many."""
    if not filas:
        return 0
    tipos = {c.name: c.type.compile(_DIALECTO) for c in tabla.c}
    registro = ", ".join(f"{c} {tipos[c]}" for c in filas[0])
    donde = " AND ".join(f"t.{c} = x.{c}" for c in filas[0])
    return conexion.exec_driver_sql(
        f"DELETE FROM {tabla.name} AS t USING json_to_recordset(CAST(%s AS json)) AS x({registro})"
        f" WHERE {donde}",
        (_documento(filas),),
    ).rowcount


def vencidos(conexion: Connection, tabla: str, momento: datetime, maximo: int) -> list[UUID]:
    """Lock and return the ids whose `revisar_en` has come, skipping what others hold."""
    filas = conexion.exec_driver_sql(
        f"SELECT CAST(id AS text) FROM {tabla} WHERE revisar_en <= %s ORDER BY revisar_en"
        " LIMIT %s FOR UPDATE SKIP LOCKED",
        (momento, maximo),
    )
    return [UUID(id) for (id,) in filas]


def apartado(conexion: Connection, consumidor: str, momento: datetime) -> Any:
    """Lock and return one waiting message whose next try is due."""
    return conexion.exec_driver_sql(
        "SELECT CAST(id AS text), tema, cuerpo, intentos, error FROM reintentos"
        " WHERE consumidor = %s AND proximo <= %s ORDER BY proximo LIMIT 1 FOR UPDATE SKIP LOCKED",
        (consumidor, momento),
    ).first()


def sumar_intentos(conexion: Connection, consumidor: str, ids: Collection[UUID], suma: int) -> Sequence[Any]:
    """Count and return (id, count), see the port; an id that comes twice in a batch counts once."""
    return conexion.exec_driver_sql(
        "INSERT INTO intentos (consumidor, id, intentos) SELECT %s, unnest(CAST(%s AS uuid[])), 1"
        " ON CONFLICT (consumidor, id) DO UPDATE SET intentos = GREATEST(intentos.intentos + %s, 2)"
        " RETURNING CAST(id AS text), intentos",
        (consumidor, arreglo(sorted(set(ids))), suma),
    ).all()


def turno(conexion: Connection, consumidor: str, limpio: bool) -> bool:
    """Set the clean-stop mark and return what it was (True when there was none)."""
    antes = conexion.exec_driver_sql(
        "SELECT limpio FROM turnos WHERE consumidor = %s FOR UPDATE", (consumidor,)
    ).scalar()
    conexion.exec_driver_sql(
        "INSERT INTO turnos (consumidor, limpio) VALUES (%s, %s)"
        " ON CONFLICT (consumidor) DO UPDATE SET limpio = EXCLUDED.limpio",
        (consumidor, limpio),
    )
    return antes is not False


def sumar(
    conexion: Connection, tabla: Table, claves: Sequence[str], suma: str, filas: Sequence[Fila]
) -> None:
    """Add to the column `suma` of the rows with these keys, making those that are missing."""
    if not filas:
        return
    tipos = {c.name: c.type.compile(_DIALECTO) for c in tabla.c}
    columnas = [*claves, suma]
    conexion.exec_driver_sql(
        f"INSERT INTO {tabla.name} ({', '.join(columnas)}) SELECT {', '.join(columnas)}"
        f" FROM json_to_recordset(CAST(%s AS json)) AS x({', '.join(f'{c} {tipos[c]}' for c in columnas)})"
        f" ON CONFLICT ({', '.join(claves)}) DO UPDATE SET {suma} = {tabla.name}.{suma} + EXCLUDED.{suma}",
        (_documento(filas),),
    )


def asentado(conexion: Connection) -> int:
    """Return the oldest transaction that may still run: all before it have committed or are gone."""
    return int(
        conexion.exec_driver_sql("SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text)").scalar_one()
    )


def ventana(conexion: Connection, tabla: Table, desde: Posicion, maximo: int, antes: int) -> Posicion | None:
    """Return where the next `maximo` rows end, of transactions before `antes`."""
    fila = conexion.exec_driver_sql(
        f"SELECT CAST(tx AS text), posicion FROM (SELECT tx, posicion FROM {tabla.name}"
        " WHERE (tx, posicion) > (CAST(%s AS xid8), %s) AND tx < CAST(%s AS xid8)"
        " ORDER BY tx, posicion LIMIT %s) AS v ORDER BY v.tx DESC, v.posicion DESC LIMIT 1",
        (str(desde.tx), desde.posicion, str(antes), maximo),
    ).first()
    return Posicion(int(fila[0]), fila[1]) if fila else None


def pendientes(conexion: Connection, proyeccion: str, antes: int, maximo: int) -> Sequence[tuple[int, str]]:
    """Return (posicion, cambios) of the differences that wait, of transactions before `antes`."""
    filas = conexion.exec_driver_sql(
        "SELECT posicion, cambios FROM totales_pendientes WHERE proyeccion = %s AND tx < CAST(%s AS xid8)"
        " ORDER BY posicion LIMIT %s",
        (proyeccion, str(antes), maximo),
    )
    return [(posicion, cambios) for posicion, cambios in filas]


def tramo(desde: Posicion, hasta: Posicion) -> TextClause:
    """Return the condition on rows of alias `e` after one position, up to and with another."""
    return text(
        "(e.tx, e.posicion) > (CAST(:tx AS xid8), :posicion)"
        " AND (e.tx, e.posicion) <= (CAST(:hasta_tx AS xid8), :hasta_posicion)"
    ).bindparams(
        bindparam("tx", str(desde.tx), unique=True),
        bindparam("posicion", desde.posicion, unique=True),
        bindparam("hasta_tx", str(hasta.tx), unique=True),
        bindparam("hasta_posicion", hasta.posicion, unique=True),
    )


def ultima(conexion: Connection, tabla: Table) -> Posicion:
    """Return the position of the newest row that no running transaction can come before."""
    fila = conexion.exec_driver_sql(
        f"SELECT CAST(tx AS text), posicion FROM {tabla.name}"
        " WHERE tx < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY tx DESC, posicion DESC LIMIT 1"
    ).first()
    return Posicion(int(fila[0]), fila[1]) if fila else INICIO


def lugar() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the columns of a row's position, for alias `e`; rows ordered by them are in commit order."""
    return literal_column("e.tx"), literal_column("e.posicion")


def restaurada(conexion: Connection, tabla: Table) -> bool:
    """Whether a row comes from the future: it was restored into a younger server."""
    return bool(
        conexion.exec_driver_sql(
            f"SELECT EXISTS (SELECT FROM {tabla.name} WHERE tx >= pg_snapshot_xmax(pg_current_snapshot()))"
        ).scalar_one()
    )


def rebasar(conexion: Connection, tabla: Table) -> None:
    """Date restored rows before every transaction of this server; their own order stays."""
    conexion.exec_driver_sql(
        f"UPDATE {tabla.name} SET tx = CAST('3' AS xid8)"
        " WHERE tx >= pg_snapshot_xmax(pg_current_snapshot())"
        " OR tx < pg_snapshot_xmin(pg_current_snapshot())"
    )


def _copiar(conexion: Connection, orden: str, datos: io.StringIO | io.BytesIO) -> None:
    if not conexion.in_transaction():
        conexion.begin()  # the cursor is the driver's: SQLAlchemy would see nothing to commit
    cursor: Any = conexion.connection.cursor()
    cursor.copy_expert(orden, datos)
    cursor.close()


def _documento(filas: Any) -> str:
    return codificar(list(filas)).decode()


def _lineas(columnas: Sequence[str], filas: Sequence[Fila]) -> Iterator[str]:
    """Yield the rows as COPY text."""
    celdas = _CELDAS
    valores = itemgetter(*columnas) if len(columnas) > 1 else lambda fila: (fila[columnas[0]],)
    for fila in filas:
        yield "\t".join([celdas[type(valor)](valor) for valor in valores(fila)])


def _json(texto: bytes | msgspec.Raw) -> str:
    """JSON has its control characters escaped already."""
    return bytes(texto).decode().replace("\\", "\\\\")


class _Celdas(dict[type, Callable[[Any], str]]):
    """By exact type, since this runs for every column of every row; what is not here is JSON."""

    def __missing__(self, _tipo: type) -> Callable[[Any], str]:
        return lambda valor: _json(codificar(valor))


_CELDAS = _Celdas(
    {
        type(None): lambda _: "\\N",
        bool: lambda v: "t" if v else "f",
        str: lambda v: v.translate(_ESCAPES),
        bytes: lambda v: "\\\\x" + v.hex(),
        msgspec.Raw: _json,
        datetime: datetime.isoformat,
        UUID: lambda v: v.hex,
        int: str,
        Decimal: str,
    }
)

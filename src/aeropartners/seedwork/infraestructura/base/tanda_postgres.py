"""The statements of one transaction on PostgreSQL: few rows in one round trip, many rows by COPY."""

import io
import struct
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from operator import itemgetter
from types import TracebackType
from typing import Any
from uuid import UUID

import msgspec
from psycopg2 import Binary
from sqlalchemy import Connection, LargeBinary, Table
from sqlalchemy.dialects import postgresql

from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from aeropartners.seedwork.infraestructura.base.sentencias_postgres import Sentencia, cursor_de, mandar

# From this number of rows on, COPY costs less than JSON that the database unpacks (measured: equal at 20).
MUCHAS = 20
RAFAGA_GRANDE = 16 * 1024

_DIALECTO = postgresql.dialect()  # type: ignore[no-untyped-call]
# PostgreSQL's binary COPY: signature, flags and extension; fields with their lengths; the end.
_CABECERA = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_RAFAGA, _FIN = struct.Struct("!hi16siqi"), struct.pack("!h", -1)
_EPOCA = datetime(2000, 1, 1, tzinfo=UTC)
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Tanda:
    """See `dialecto.Tanda`. Statements are sent together at the end, or before a COPY."""

    def __init__(self, conexion: Connection) -> None:
        self._conexion = conexion
        self._sentencias: list[Sentencia] = []

    def __enter__(self) -> "Tanda":
        return self

    def __exit__(
        self, tipo: type[BaseException] | None, _error: BaseException | None, _traza: TracebackType | None
    ) -> None:
        if tipo is None:
            self._mandar()

    def actualizar(self, tabla: Table, claves: Sequence[str], filas: Sequence[Fila]) -> None:
        if filas:
            sentencia = _actualizacion(tabla, tuple(claves), tuple(filas[0]))
            self._sentencias.append((sentencia, (_documento(filas), len(filas))))

    def anexar(self, tabla: Table, filas: Sequence[Fila]) -> None:
        if not filas:
            return
        columnas = tuple(filas[0])
        if len(filas) < MUCHAS and not _con_bytes(tabla):
            self._sentencias.append((_insercion(tabla, columnas), (_documento(filas),)))
        else:
            texto = "\n".join(_lineas(columnas, filas)) + "\n"
            self._copiar(f"COPY {tabla.name} ({', '.join(columnas)}) FROM STDIN", io.StringIO(texto))

    def borrar(self, tabla: Table, filas: Sequence[Fila]) -> None:
        if filas:
            self._sentencias.append((_borrado(tabla, tuple(filas[0])), (_documento(filas),)))

    def sumar(self, tabla: Table, claves: Sequence[str], suma: str, filas: Sequence[Fila]) -> None:
        if filas:
            self._sentencias.append((_adicion(tabla, tuple(claves), suma), (_documento(filas),)))

    def guardar_rafaga(self, rafaga_id: UUID, creado: datetime, cuerpo: bytes) -> None:
        if len(cuerpo) < RAFAGA_GRANDE:
            sentencia = "INSERT INTO salida (lote, creado, cuerpo) VALUES (CAST($1 AS uuid), $2, $3)"
            self._sentencias.append((sentencia, (str(rafaga_id), creado, Binary(cuerpo))))
            return
        # In COPY's text format the body would be twice as long, and parsed byte by byte.
        momento = (creado - _EPOCA) // timedelta(microseconds=1)
        fila = _RAFAGA.pack(3, 16, rafaga_id.bytes, 8, momento, len(cuerpo)) + cuerpo
        self._copiar(
            "COPY salida (lote, creado, cuerpo) FROM STDIN (FORMAT binary)",
            io.BytesIO(_CABECERA + fila + _FIN),
        )

    def _copiar(self, sentencia: str, datos: io.StringIO | io.BytesIO) -> None:
        self._mandar()
        with cursor_de(self._conexion) as cursor:
            cursor.copy_expert(sentencia, datos)

    def _mandar(self) -> None:
        sentencias, self._sentencias = self._sentencias, []
        mandar(self._conexion, sentencias)


@cache
def _tipos(tabla: Table) -> dict[str, str]:
    return {c.name: c.type.compile(_DIALECTO) for c in tabla.c}


@cache
def _con_bytes(tabla: Table) -> bool:
    """Whether the table has a column of bytes, which JSON cannot carry."""
    return any(isinstance(c.type, LargeBinary) for c in tabla.c)


@cache
def _actualizacion(tabla: Table, claves: tuple[str, ...], columnas: tuple[str, ...]) -> str:
    pares = [(c.split("=") * 2)[:2] for c in claves]
    buscadas = {fuente for _, fuente in pares}
    puestas = [c for c in columnas if c in tabla.c and c not in buscadas]
    tipos = _tipos(tabla)
    nombres = {**{c: tipos[c] for c in puestas}, **{fuente: tipos[c] for c, fuente in pares}}
    asignar = ", ".join(f"{c} = x.{c}" for c in puestas)
    donde = " AND ".join(f"t.{c} = x.{fuente}" for c, fuente in pares)
    return (
        f"WITH hechas AS (UPDATE {tabla.name} AS t SET {asignar} FROM {_registro(nombres)}"
        f" WHERE {donde} RETURNING 1) SELECT exigir_filas('{tabla.name}', count(*), $2) FROM hechas"
    )


@cache
def _insercion(tabla: Table, columnas: tuple[str, ...]) -> str:
    lista = ", ".join(columnas)
    registro = _registro({c: _tipos(tabla)[c] for c in columnas})
    return f"INSERT INTO {tabla.name} ({lista}) SELECT {lista} FROM {registro}"


@cache
def _borrado(tabla: Table, columnas: tuple[str, ...]) -> str:
    registro = _registro({c: _tipos(tabla)[c] for c in columnas})
    donde = " AND ".join(f"t.{c} = x.{c}" for c in columnas)
    return f"DELETE FROM {tabla.name} AS t USING {registro} WHERE {donde}"


@cache
def _adicion(tabla: Table, claves: tuple[str, ...], suma: str) -> str:
    columnas = (*claves, suma)
    return (
        f"{_insercion(tabla, columnas)} ON CONFLICT ({', '.join(claves)})"
        f" DO UPDATE SET {suma} = {tabla.name}.{suma} + EXCLUDED.{suma}"
    )


def _registro(tipos: dict[str, str]) -> str:
    return f"json_to_recordset(CAST($1 AS json)) AS x({', '.join(f'{c} {t}' for c, t in tipos.items())})"


def _documento(filas: Sequence[Fila]) -> str:
    return codificar(list(filas)).decode()


def _lineas(columnas: Sequence[str], filas: Sequence[Fila]) -> Iterator[str]:
    """Yield the rows in COPY's text format."""
    celdas = _CELDAS
    valores = itemgetter(*columnas) if len(columnas) > 1 else lambda fila: (fila[columnas[0]],)
    for fila in filas:
        yield "\t".join([celdas[type(valor)](valor) for valor in valores(fila)])


def _json(texto: bytes | msgspec.Raw) -> str:
    """Return a JSON document for COPY; JSON has escaped its control characters already."""
    return bytes(texto).decode().replace("\\", "\\\\")


class _Celdas(dict[type, Callable[[Any], str]]):
    """Functions from a value to COPY text, by exact type for speed; other types become JSON."""

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

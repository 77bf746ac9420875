"""Statements that a connection prepares once, and how several of them travel in one round trip.

Planning costs more than running a statement on a few rows does (`UPDATE sagas` of one row: 385 µs as it
is, 154 µs prepared), and a round trip costs as much as either. psycopg2 does not prepare: SQL does.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any

from sqlalchemy import Connection

Orden = tuple[str, tuple[Any, ...]]

_PREPARADAS = "ordenes_preparadas"
_NUMEROS = count(1)


def leer(conexion: Connection, orden: str, *valores: Any) -> list[tuple[Any, ...]]:
    """Run one statement, whose places are $1, $2…, or %s in their order, and return its rows."""
    with _enviada(conexion, [(_numerada(orden), valores)]) as cursor:
        filas: list[tuple[Any, ...]] = cursor.fetchall()
        return filas


@lru_cache(maxsize=256)
def _numerada(orden: str) -> str:
    primera, *resto = orden.split("%s")
    return primera + "".join(f"${n}{parte}" for n, parte in enumerate(resto, 1))


def mandar(conexion: Connection, ordenes: Sequence[Orden]) -> None:
    """Run statements one after the other, in one round trip; the first that fails stops the rest."""
    if ordenes:
        _enviada(conexion, ordenes).close()


def cursor_de(conexion: Connection) -> Any:
    """Return a cursor of the driver, inside the transaction of the connection."""
    if not conexion.in_transaction():
        conexion.begin()  # the cursor is the driver's: SQLAlchemy would see nothing to commit
    return conexion.connection.cursor()


def _enviada(conexion: Connection, ordenes: Sequence[Orden]) -> Any:
    preparadas: dict[str, str] = conexion.info.setdefault(_PREPARADAS, {})
    # A name is kept when all went well and never given twice: a failure does not tell what it left prepared.
    nuevas = {orden: f"orden_{next(_NUMEROS)}" for orden, _ in ordenes if orden not in preparadas}
    cursor = cursor_de(conexion)
    partes = [f"PREPARE {nombre} AS {orden}".encode() for orden, nombre in nuevas.items()]
    for orden, valores in ordenes:
        nombre = preparadas.get(orden) or nuevas[orden]
        lugares = f"({', '.join(['%s'] * len(valores))})" if valores else ""
        partes.append(cursor.mogrify(f"EXECUTE {nombre}{lugares}", valores))
    cursor.execute(b";".join(partes))
    preparadas.update(nuevas)
    return cursor

"""Prepared statements, several of them sent in one round trip.

Planning costs more than running a statement on a few rows (`UPDATE sagas` of one row: 385 µs as it is, 154 µs
prepared), and a round trip costs as much as either. psycopg2 cannot prepare, so SQL does.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any

from sqlalchemy import Connection

Sentencia = tuple[str, tuple[Any, ...]]

_PREPARADAS = "ordenes_preparadas"
_NUMEROS = count(1)


def leer(conexion: Connection, sentencia: str, *valores: Any) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows; its placeholders are $1, $2…, or %s in their order."""
    with _enviada(conexion, [(_numerada(sentencia), valores)]) as cursor:
        filas: list[tuple[Any, ...]] = cursor.fetchall()
        return filas


@lru_cache(maxsize=256)
def _numerada(sentencia: str) -> str:
    primera, *resto = sentencia.split("%s")
    return primera + "".join(f"${n}{parte}" for n, parte in enumerate(resto, 1))


def mandar(conexion: Connection, sentencias: Sequence[Sentencia]) -> None:
    """Run statements one after the other, in one round trip; the first that fails stops the rest."""
    if sentencias:
        _enviada(conexion, sentencias).close()


def cursor_de(conexion: Connection) -> Any:
    """Return a cursor of the driver, inside the transaction of the connection."""
    if not conexion.in_transaction():
        conexion.begin()  # else SQLAlchemy would not commit what the driver's cursor does
    return conexion.connection.cursor()


def _enviada(conexion: Connection, sentencias: Sequence[Sentencia]) -> Any:
    preparadas: dict[str, str] = conexion.info.setdefault(_PREPARADAS, {})
    # A statement's name is kept only if all went well, and never used twice: a failure does not tell which
    # statements were prepared.
    nuevas = {
        sentencia: f"sentencia_{next(_NUMEROS)}" for sentencia, _ in sentencias if sentencia not in preparadas
    }
    cursor = cursor_de(conexion)
    partes = [f"PREPARE {nombre} AS {sentencia}".encode() for sentencia, nombre in nuevas.items()]
    for sentencia, valores in sentencias:
        nombre = preparadas.get(sentencia) or nuevas[sentencia]
        lugares = f"({', '.join(['%s'] * len(valores))})" if valores else ""
        partes.append(cursor.mogrify(f"EXECUTE {nombre}{lugares}", valores))
    cursor.execute(b";".join(partes))
    preparadas.update(nuevas)
    return cursor

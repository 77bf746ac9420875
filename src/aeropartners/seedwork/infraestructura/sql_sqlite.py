"""The store's statements on SQLite; `sql_postgres` has the same names for PostgreSQL."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, TextClause, bindparam, literal_column, text

from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.infraestructura.dialecto import Posicion
from aeropartners.seedwork.infraestructura.tanda_sqlite import Tanda
from aeropartners.seedwork.infraestructura.tipos import texto_utc

tanda = Tanda


def _lista(valores: Collection[object]) -> str:
    return json.dumps([str(v) for v in valores])


def ahora(_conexion: Connection, reloj: Reloj) -> datetime:
    """Read the process's clock: here the database lives in the process."""
    return reloj.ahora()


def entradas(
    conexion: Connection, consumidor: str, ids: Collection[UUID]
) -> tuple[set[UUID], datetime | None]:
    """Insert inbox rows; return the fresh ids."""
    filas = conexion.exec_driver_sql(
        "INSERT OR IGNORE INTO entrada (id, consumidor) SELECT value, ? FROM json_each(?) RETURNING id",
        (consumidor, _lista(ids)),
    ).all()
    return {UUID(id) for (id,) in filas}, None


def flujos(conexion: Connection, desde: Mapping[UUID, int]) -> Sequence[Any]:
    """Return the events of these streams after the given versions, in order."""
    return conexion.exec_driver_sql(
        "SELECT e.flujo, e.tipo_flujo, e.tipo, e.version_evento, e.datos FROM json_each(?) x"
        " JOIN eventos e ON e.flujo = x.key AND e.version > x.value ORDER BY e.flujo, e.version",
        (json.dumps({str(flujo): version for flujo, version in desde.items()}),),
    ).all()


def filas_por_id(
    conexion: Connection, tabla: str, columnas: Sequence[str], ids: Collection[UUID]
) -> Sequence[Any]:
    """Return the named columns, as text, of the rows with these ids."""
    lista = ", ".join(f"CAST({c} AS text)" for c in columnas)
    return conexion.exec_driver_sql(
        f"SELECT {lista} FROM {tabla} WHERE id IN (SELECT value FROM json_each(?))", (_lista(ids),)
    ).all()


def duenos(conexion: Connection, valores: Collection[tuple[str, str]]) -> Sequence[Any]:
    """Return (ambito, valor, flujo) of the claims that exist."""
    return conexion.exec_driver_sql(
        "SELECT u.ambito, u.valor, u.flujo FROM json_each(?) x JOIN unicos u"
        " ON u.ambito = json_extract(x.value, '$[0]') AND u.valor = json_extract(x.value, '$[1]')",
        (json.dumps(list(valores)),),
    ).all()


def claves(conexion: Connection, valores: Collection[tuple[str, str, str]]) -> Sequence[Any]:
    """Return (servicio, ruta, clave, huella, estado, cuerpo) of the keys that exist."""
    return conexion.exec_driver_sql(
        "SELECT c.servicio, c.ruta, c.clave, c.huella, c.estado, c.cuerpo FROM json_each(?) x"
        " JOIN claves_idempotencia c ON c.servicio = json_extract(x.value, '$[0]')"
        " AND c.ruta = json_extract(x.value, '$[1]') AND c.clave = json_extract(x.value, '$[2]')",
        (json.dumps(list(valores)),),
    ).all()


def vencidos(conexion: Connection, tabla: str, momento: datetime, maximo: int) -> list[UUID]:
    """Return the ids whose `revisar_en` has come; the writer's lock is held already."""
    filas = conexion.exec_driver_sql(
        f"SELECT id FROM {tabla} WHERE revisar_en <= ? ORDER BY revisar_en LIMIT ?",
        (texto_utc(momento), maximo),
    ).all()
    return [UUID(id) for (id,) in filas]


def apartado(conexion: Connection, consumidor: str, momento: datetime) -> Any:
    """Return one waiting message whose next try is due."""
    return conexion.exec_driver_sql(
        "SELECT id, tema, cuerpo, intentos, error FROM reintentos"
        " WHERE consumidor = ? AND proximo <= ? ORDER BY proximo LIMIT 1",
        (consumidor, texto_utc(momento)),
    ).first()


def sumar_intentos(conexion: Connection, consumidor: str, ids: Collection[UUID], suma: int) -> Sequence[Any]:
    """Count and return (id, count), see the port; an id that comes twice in a batch counts once."""
    return conexion.exec_driver_sql(
        "INSERT INTO intentos (consumidor, id, intentos) SELECT ?, value, 1 FROM json_each(?) WHERE true"
        " ON CONFLICT (consumidor, id) DO UPDATE SET intentos = MAX(intentos + ?, 2)"
        " RETURNING id, intentos",
        (consumidor, _lista(set(ids)), suma),
    ).all()


def turno(conexion: Connection, consumidor: str, limpio: bool) -> bool:
    """Set the clean-stop mark and return what it was (True when there was none)."""
    antes = conexion.exec_driver_sql("SELECT limpio FROM turnos WHERE consumidor = ?", (consumidor,)).scalar()
    conexion.exec_driver_sql(
        "INSERT INTO turnos (consumidor, limpio) VALUES (?, ?)"
        " ON CONFLICT (consumidor) DO UPDATE SET limpio = EXCLUDED.limpio",
        (consumidor, int(limpio)),
    )
    return antes is None or bool(antes)


def sin_esperar_al_disco(_conexion: Connection) -> None:
    """Do nothing: here each transaction waits for the disk."""


def asentado(_conexion: Connection) -> int:
    """No transaction number: one writer at a time, so all that is there has committed."""
    return 0


def ventana(conexion: Connection, tabla: Table, desde: Posicion, maximo: int, _antes: int) -> Posicion | None:
    """Return where the next `maximo` rows end; one writer at a time: rowids are in commit order."""
    ultima = conexion.exec_driver_sql(
        f"SELECT max(r) FROM (SELECT rowid AS r FROM {tabla.name} WHERE rowid > ? ORDER BY rowid LIMIT ?)",
        (desde.posicion, maximo),
    ).scalar_one()
    return None if ultima is None else Posicion(0, ultima)


def pendientes(conexion: Connection, proyeccion: str, _antes: int, maximo: int) -> Sequence[tuple[int, str]]:
    """Return (posicion, cambios) of the differences that wait."""
    filas = conexion.exec_driver_sql(
        "SELECT posicion, cambios FROM totales_pendientes WHERE proyeccion = ? ORDER BY posicion LIMIT ?",
        (proyeccion, maximo),
    )
    return [(posicion, cambios) for posicion, cambios in filas]


def tramo(desde: Posicion, hasta: Posicion) -> TextClause:
    """Return the condition on rows of alias `e` after one position, up to and with another."""
    return text("e.rowid > :desde AND e.rowid <= :hasta").bindparams(
        bindparam("desde", desde.posicion, unique=True), bindparam("hasta", hasta.posicion, unique=True)
    )


def ultima(conexion: Connection, tabla: Table) -> Posicion:
    """Return the position of the newest row."""
    return Posicion(0, conexion.exec_driver_sql(f"SELECT max(rowid) FROM {tabla.name}").scalar() or 0)


def lugar() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the columns of a row's position, for alias `e`; rows ordered by them are in commit order."""
    return literal_column("CAST(0 AS integer)"), literal_column("e.rowid")


def restaurada(_conexion: Connection, _tabla: Table) -> bool:
    """Never: the file is the server."""
    return False


def rebasar(_conexion: Connection, _tabla: Table) -> None:
    """Do nothing: rowids are copied with the file."""

"""The store's statements on SQLite; see the port `dialecto.SQL`."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, TextClause, bindparam, literal_column, text

from aeropartners.seedwork.aplicacion.censo import AL_HABLA, VIVO
from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.aplicacion.serializacion import Conocida
from aeropartners.seedwork.infraestructura.base.dialecto import (
    INDEFINIDA_MS,
    FilaApartada,
    FilaDeClave,
    FilaDeEvento,
    FilaDeUnico,
    PlazosDeRespuesta,
    Posicion,
    una_de,
)
from aeropartners.seedwork.infraestructura.base.tanda_sqlite import Tanda
from aeropartners.seedwork.infraestructura.base.tipos import texto_utc

tanda = Tanda


def _lista(valores: Collection[object]) -> str:
    return json.dumps([str(v) for v in valores])


def ahora(_conexion: Connection, reloj: Reloj) -> datetime:
    """Return the process's clock: SQLite has no server with a clock of its own."""
    return reloj.ahora()


def entradas(
    conexion: Connection, consumidor: str, ids: Collection[UUID], ajenas: Mapping[UUID, UUID]
) -> tuple[set[UUID], datetime | None]:
    """Insert inbox rows; return the new ids, without a time."""
    parejas = {str(id): str(ajenas[id]) if id in ajenas else None for id in ids}
    filas = conexion.exec_driver_sql(
        "INSERT OR IGNORE INTO entrada (id, consumidor, ajena) SELECT key, ?, atom FROM json_each(?)"
        " RETURNING id",
        (consumidor, json.dumps(parejas)),
    ).all()
    return {UUID(id) for (id,) in filas}, None


def flujos(conexion: Connection, desde: Mapping[UUID, int]) -> Sequence[FilaDeEvento]:
    """Return the events of these streams after the given versions, by stream and version."""
    return conexion.exec_driver_sql(
        "SELECT e.flujo, e.tipo_flujo, e.tipo, e.version_evento, e.datos FROM json_each(?) x"
        " JOIN eventos e ON e.flujo = x.key AND e.version > x.value ORDER BY e.flujo, e.version",
        (json.dumps({str(flujo): version for flujo, version in desde.items()}),),
    ).all()


def filas_por_id(
    conexion: Connection, tabla: str, columnas: Sequence[str], ids: Collection[UUID]
) -> Sequence[tuple[Any, ...]]:
    """Return the named columns, as text, of the rows with these ids."""
    lista = ", ".join(f"CAST({c} AS text)" for c in columnas)
    return conexion.exec_driver_sql(
        f"SELECT {lista} FROM {tabla} WHERE id IN (SELECT value FROM json_each(?))", (_lista(ids),)
    ).all()


def duenos(conexion: Connection, valores: Collection[tuple[str, str]]) -> Sequence[FilaDeUnico]:
    """Return (ambito, valor, flujo) of the claims that exist."""
    return conexion.exec_driver_sql(
        "SELECT u.ambito, u.valor, u.flujo FROM json_each(?) x JOIN unicos u"
        " ON u.ambito = json_extract(x.value, '$[0]') AND u.valor = json_extract(x.value, '$[1]')",
        (json.dumps(list(valores)),),
    ).all()


def claves(
    conexion: Connection, valores: Collection[tuple[str, str, str, str, str]]
) -> Sequence[FilaDeClave]:
    """Return (servicio, ruta, clave, cliente, huella, estado, cuerpo) of the keys that exist.

    `valores` are (servicio, ruta, clave, cliente, venida). Rows without a caller come before the caller's.
    """
    servicio, ruta, clave, cliente, venida = (f"json_extract(x.value, '$[{i}]')" for i in range(5))
    return conexion.exec_driver_sql(
        f"SELECT {servicio}, {ruta}, {clave}, {cliente}, c.huella, c.estado, c.cuerpo FROM json_each(?) x"
        f" JOIN claves_idempotencia c ON c.servicio = {servicio} AND c.ruta IN ({ruta}, {venida})"
        f" AND c.clave = {clave} AND c.cliente IN ('', {cliente}) ORDER BY c.cliente",
        (json.dumps(list(valores)),),
    ).all()


def reloj(_conexion: Connection, reloj: Reloj) -> datetime:
    """Return the process's clock: SQLite has no server with a clock of its own."""
    return reloj.ahora()


def debidos(
    conexion: Connection,
    tabla: str,
    momento: datetime,
    maximo: int,
    solo: Collection[UUID] = (),
    sin: Collection[UUID] = (),
) -> list[UUID]:
    """Return the ids whose `revisar_en` is due; see the port."""
    entre = " AND id IN (SELECT value FROM json_each(?))" if solo else ""
    fuera = " AND id NOT IN (SELECT value FROM json_each(?))" if sin else ""
    filas = conexion.exec_driver_sql(
        f"SELECT id FROM {tabla} WHERE revisar_en <= ?{entre}{fuera} ORDER BY revisar_en LIMIT ?",
        (texto_utc(momento), *(_lista(ids) for ids in (solo, sin) if ids), maximo),
    )
    return [UUID(id) for (id,) in filas]


def bloquear(_conexion: Connection, _tabla: str, _ids: Collection[UUID]) -> None:
    """Do nothing: SQLite has one writer at a time."""


def numeros(conexion: Connection, contadores: Collection[str]) -> Sequence[tuple[str, int]]:
    """Return each counter with its last number; see the port."""
    nombres = [(nombre,) for nombre in sorted(contadores)]
    conexion.exec_driver_sql("INSERT OR IGNORE INTO contadores (nombre, valor) VALUES (?, 0)", nombres)
    lista = json.dumps([nombre for (nombre,) in nombres])
    filas = conexion.exec_driver_sql(
        "SELECT nombre, valor FROM contadores WHERE nombre IN (SELECT value FROM json_each(?))", (lista,)
    )
    return [(nombre, valor) for nombre, valor in filas]


def vencidos(
    conexion: Connection,
    plazos: PlazosDeRespuesta,
    momento: datetime,
    maximo: int,
    solo: Collection[UUID] = (),
    sin: Collection[UUID] = (),
) -> tuple[list[UUID], timedelta]:
    """Return the ids whose `revisar_en` is due, and how late replies may be; see the port."""
    milisegundos = conexion.exec_driver_sql(
        "SELECT COALESCE(max(CASE WHEN visto >= ? THEN demora_ms ELSE ? END), 0)"
        " FROM procesos WHERE visto >= ? AND demora_ms IS NOT NULL",
        (texto_utc(momento - AL_HABLA), INDEFINIDA_MS, texto_utc(momento - VIVO)),
    ).scalar_one()
    demora = timedelta(milliseconds=milisegundos)
    conocidas, valores = una_de(plazos.columnas, plazos.conocidas, "?")
    entre = " AND id IN (SELECT value FROM json_each(?))" if solo else ""
    fuera = " AND id NOT IN (SELECT value FROM json_each(?))" if sin else ""
    filas = conexion.exec_driver_sql(
        f"SELECT id FROM {plazos.tabla} AS t WHERE revisar_en <= ? AND {conocidas}"
        f" AND (revisar_en <= ? OR {plazos.reintento} <= ?){entre}{fuera}"
        " AND NOT EXISTS (SELECT 1 FROM reintentos r WHERE r.consumidor = ?"
        " AND instr(r.cuerpo, CAST(t.id AS BLOB)) > 0) ORDER BY revisar_en LIMIT ?",
        (
            *(texto_utc(momento), *valores, texto_utc(momento - demora), texto_utc(momento)),
            *(_lista(ids) for ids in (solo, sin) if ids),
            *(plazos.consumidor, maximo),
        ),
    ).all()
    return [UUID(id) for (id,) in filas], demora


def apartado(
    conexion: Connection, consumidor: str, momento: datetime, conocidas: Collection[Conocida]
) -> FilaApartada | None:
    """Return one message whose next try is due and that this process can read."""
    legible, valores = una_de(("falta", "falta_version"), conocidas, "?")
    return conexion.exec_driver_sql(
        "SELECT id, tema, cuerpo, intentos, error FROM reintentos"
        f" WHERE consumidor = ? AND proximo <= ? AND (falta IS NULL OR {legible})"
        " ORDER BY proximo LIMIT 1",
        (consumidor, texto_utc(momento), *valores),
    ).first()


def quitar_apartado(conexion: Connection, consumidor: str, id: UUID, intentos: int) -> bool:
    """Delete a message set aside. False when it is gone or its number of attempts has changed."""
    return (
        conexion.exec_driver_sql(
            "DELETE FROM reintentos WHERE consumidor = ? AND id = ? AND intentos = ?",
            (consumidor, str(id), intentos),
        ).rowcount
        == 1
    )


def aplazar(conexion: Connection, tabla: str, ids: Collection[UUID], desde: datetime) -> None:
    """Have the open deadlines of these streams run from `desde`."""
    conexion.exec_driver_sql(
        f"UPDATE {tabla} SET plazo_desde = ? WHERE id IN (SELECT value FROM json_each(?))"
        " AND revisar_en IS NOT NULL",
        (texto_utc(desde), _lista(ids)),
    )


def sumar_intentos(
    conexion: Connection, consumidor: str, ids: Collection[UUID], suma: int
) -> Sequence[tuple[Any, int]]:
    """Count these messages and return (id, count), see the port; an id that comes twice counts once."""
    return conexion.exec_driver_sql(
        "INSERT INTO intentos (consumidor, id, intentos) SELECT ?, value, 1 FROM json_each(?) WHERE true"
        " ON CONFLICT (consumidor, id) DO UPDATE SET intentos = MAX(intentos + ?, 2)"
        " RETURNING id, intentos",
        (consumidor, _lista(set(ids)), suma),
    ).all()


def anotar_parada(conexion: Connection, consumidor: str, limpio: bool) -> bool:
    """Record whether the consumer stopped cleanly; return the value before, True if there was none."""
    antes = conexion.exec_driver_sql("SELECT limpio FROM turnos WHERE consumidor = ?", (consumidor,)).scalar()
    conexion.exec_driver_sql(
        "INSERT INTO turnos (consumidor, limpio) VALUES (?, ?)"
        " ON CONFLICT (consumidor) DO UPDATE SET limpio = EXCLUDED.limpio",
        (consumidor, int(limpio)),
    )
    return antes is None or bool(antes)


def sin_esperar_al_disco(_conexion: Connection) -> None:
    """Do nothing: on SQLite every commit waits for the disk."""


def asentado(_conexion: Connection) -> int:
    """Return 0: with one writer at a time, every row that can be read is committed."""
    return 0


def ventana(conexion: Connection, tabla: Table, desde: Posicion, maximo: int, _antes: int) -> Posicion | None:
    """Return the position of the last of the next `maximo` rows; rowids are in commit order."""
    ultima = conexion.exec_driver_sql(
        f"SELECT max(r) FROM (SELECT rowid AS r FROM {tabla.name} WHERE rowid > ? ORDER BY rowid LIMIT ?)",
        (desde.posicion, maximo),
    ).scalar_one()
    return None if ultima is None else Posicion(0, ultima)


def pendientes(conexion: Connection, proyeccion: str, _antes: int, maximo: int) -> Sequence[tuple[int, str]]:
    """Return (posicion, cambios) of the stored differences."""
    filas = conexion.exec_driver_sql(
        "SELECT posicion, cambios FROM totales_pendientes WHERE proyeccion = ? ORDER BY posicion LIMIT ?",
        (proyeccion, maximo),
    )
    return [(posicion, cambios) for posicion, cambios in filas]


def tramo(desde: Posicion, hasta: Posicion) -> TextClause:
    """Return the condition that rows of alias `e` are after `desde` and not after `hasta`."""
    return text("e.rowid > :desde AND e.rowid <= :hasta").bindparams(
        bindparam("desde", desde.posicion, unique=True), bindparam("hasta", hasta.posicion, unique=True)
    )


def ultima(conexion: Connection, tabla: Table) -> Posicion:
    """Return the position of the newest row."""
    return Posicion(0, conexion.exec_driver_sql(f"SELECT max(rowid) FROM {tabla.name}").scalar() or 0)


def lugar() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the columns of a row's position, for alias `e`; ordering by them is commit order."""
    return literal_column("CAST(0 AS integer)"), literal_column("e.rowid")


def restaurada(_conexion: Connection, _tabla: Table) -> bool:
    """Return False: rows have no server's transaction numbers."""
    return False


def rebasar(_conexion: Connection, _tabla: Table) -> None:
    """Do nothing: rowids are copied with the file."""

"""The store's statements on PostgreSQL; see the port `dialecto.SQL`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, TextClause, bindparam, literal_column, text

from aeropartners.seedwork.aplicacion.censo import AL_HABLA, VIVO
from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.aplicacion.serializacion import Conocida, codificar
from aeropartners.seedwork.infraestructura.base.dialecto import (
    INDEFINIDA_MS,
    INICIO,
    FilaApartada,
    FilaDeClave,
    FilaDeEvento,
    FilaDeUnico,
    PlazosDeRespuesta,
    Posicion,
    una_de,
)
from aeropartners.seedwork.infraestructura.base.sentencias_postgres import leer
from aeropartners.seedwork.infraestructura.base.tanda_postgres import Tanda

tanda = Tanda


def arreglo(valores: Iterable[object]) -> str:
    """Return an array literal of values that need no quoting (uuids, numbers)."""
    return "{" + ",".join(str(v) for v in valores) + "}"


def ahora(conexion: Connection, _reloj: Reloj) -> datetime:
    """Return the time at which the transaction began."""
    momento = conexion.exec_driver_sql("SELECT now()").scalar_one()
    assert isinstance(momento, datetime)
    return momento


def entradas(
    conexion: Connection, consumidor: str, ids: Collection[UUID], ajenas: Mapping[UUID, UUID]
) -> tuple[set[UUID], datetime | None]:
    """Insert inbox rows; return the new ids and the transaction's time.

    Sorted by id, so that two consumers never wait for each other in a circle.
    """
    por_texto = {str(id): id for id in sorted(ids)}
    valores = [arreglo(por_texto), consumidor]
    filas = "(id, consumidor) SELECT unnest(CAST($1 AS uuid[])), $2"
    if ajenas:
        filas = (
            "(id, consumidor, ajena) SELECT x.id, $2, x.ajena"
            " FROM unnest(CAST($1 AS uuid[]), CAST($3 AS uuid[])) AS x(id, ajena)"
        )
        valores.append(arreglo(ajenas.get(id, "NULL") for id in por_texto.values()))
    [(frescas, momento)] = leer(
        conexion,
        f"WITH frescas AS (INSERT INTO entrada {filas} ON CONFLICT DO NOTHING RETURNING id)"
        " SELECT array_agg(CAST(id AS text)), now() FROM frescas",
        *valores,
    )
    return {por_texto[id] for id in frescas or ()}, momento


def flujos(conexion: Connection, desde: Mapping[UUID, int]) -> Sequence[FilaDeEvento]:
    """Return the events of these streams after the given versions, by stream and version."""
    return leer(
        conexion,
        "SELECT CAST(e.flujo AS text), e.tipo_flujo, e.tipo, e.version_evento, CAST(e.datos AS text)"
        " FROM unnest(CAST($1 AS uuid[]), CAST($2 AS int[])) AS x(flujo, desde)"
        " JOIN eventos e ON e.flujo = x.flujo AND e.version > x.desde ORDER BY e.flujo, e.version",
        arreglo(desde),
        arreglo(desde.values()),
    )


def filas_por_id(
    conexion: Connection, tabla: str, columnas: Sequence[str], ids: Collection[UUID]
) -> Sequence[tuple[Any, ...]]:
    """Return the named columns, as text, of the rows with these ids."""
    lista = ", ".join(f"CAST({c} AS text)" for c in columnas)
    orden = f"SELECT {lista} FROM {tabla} WHERE id = ANY(CAST($1 AS uuid[]))"
    return leer(conexion, orden, arreglo(ids))


def duenos(conexion: Connection, valores: Collection[tuple[str, str]]) -> Sequence[FilaDeUnico]:
    """Return (ambito, valor, flujo) of the claims that exist."""
    return leer(
        conexion,
        "SELECT u.ambito, u.valor, CAST(u.flujo AS text) FROM json_to_recordset(CAST($1 AS json))"
        " AS x(ambito text, valor text) JOIN unicos u ON u.ambito = x.ambito AND u.valor = x.valor",
        codificar([{"ambito": a, "valor": v} for a, v in valores]).decode(),
    )


def claves(
    conexion: Connection, valores: Collection[tuple[str, str, str, str, str]]
) -> Sequence[FilaDeClave]:
    """Return (servicio, ruta, clave, cliente, huella, estado, cuerpo) of the keys that exist.

    `valores` are (servicio, ruta, clave, cliente, venida). Rows without a caller come before the caller's.
    """
    campos = ("servicio", "ruta", "clave", "cliente", "venida")
    return leer(
        conexion,
        "SELECT x.servicio, x.ruta, x.clave, x.cliente, c.huella, c.estado, CAST(c.cuerpo AS text)"
        " FROM json_to_recordset(CAST($1 AS json))"
        " AS x(servicio text, ruta text, clave text, cliente text, venida text)"
        " JOIN claves_idempotencia c ON c.servicio = x.servicio AND c.ruta IN (x.ruta, x.venida)"
        " AND c.clave = x.clave AND c.cliente IN ('', x.cliente) ORDER BY c.cliente",
        codificar([dict(zip(campos, v, strict=True)) for v in valores]).decode(),
    )


def reloj(conexion: Connection, _reloj: Reloj) -> datetime:
    """Return the database's clock at this moment, not when the transaction began."""
    momento = conexion.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    assert isinstance(momento, datetime)
    return momento


def debidos(
    conexion: Connection,
    tabla: str,
    momento: datetime,
    maximo: int,
    solo: Collection[UUID] = (),
    sin: Collection[UUID] = (),
) -> list[UUID]:
    """Return the ids whose `revisar_en` is due; see the port."""
    entre = " AND id = ANY(CAST(%s AS uuid[]))" if solo else ""
    fuera = " AND id <> ALL(CAST(%s AS uuid[]))" if sin else ""
    filas = leer(
        conexion,
        f"SELECT CAST(id AS text) FROM {tabla} WHERE revisar_en <= %s{entre}{fuera}"
        " ORDER BY revisar_en LIMIT %s",
        momento,
        *(arreglo(ids) for ids in (solo, sin) if ids),
        maximo,
    )
    return [UUID(id) for (id,) in filas]


def bloquear(conexion: Connection, tabla: str, ids: Collection[UUID]) -> None:
    """Lock the rows with these ids, in the order of the ids."""
    leer(
        conexion,
        f"SELECT 1 FROM {tabla} WHERE id = ANY(CAST(%s AS uuid[])) ORDER BY id FOR UPDATE",
        arreglo(ids),
    )


def numeros(conexion: Connection, contadores: Collection[str]) -> Sequence[tuple[str, int]]:
    """Lock these counters and return each with its last number; see the port."""
    nombres = sorted(contadores)
    conexion.exec_driver_sql(
        "INSERT INTO contadores (nombre, valor) SELECT n, 0 FROM unnest(CAST(%s AS text[])) AS n ORDER BY n"
        " ON CONFLICT DO NOTHING",
        (nombres,),
    )
    consulta = (
        "SELECT nombre, valor FROM contadores WHERE nombre = ANY(CAST(%s AS text[]))"
        " ORDER BY nombre FOR UPDATE"
    )
    return [(nombre, int(valor)) for nombre, valor in conexion.exec_driver_sql(consulta, (nombres,))]


def vencidos(
    conexion: Connection,
    plazos: PlazosDeRespuesta,
    momento: datetime,
    maximo: int,
    solo: Collection[UUID] = (),
    sin: Collection[UUID] = (),
) -> tuple[list[UUID], timedelta]:
    """Lock the ids whose `revisar_en` is due; return them and how late replies may be.

    One statement, so that the rows are claimed by the same `demora` that is returned. See the port.
    """
    conocidas, valores = una_de(plazos.columnas, plazos.conocidas, "%s")
    entre = " AND id = ANY(CAST(%s AS uuid[]))" if solo else ""
    fuera = " AND id <> ALL(CAST(%s AS uuid[]))" if sin else ""
    filas = leer(
        conexion,
        "WITH demora AS MATERIALIZED (SELECT interval '1 ms'"
        " * COALESCE(max(CASE WHEN visto >= %s THEN demora_ms ELSE %s END), 0) AS d"
        " FROM procesos WHERE visto >= %s AND demora_ms IS NOT NULL)"
        f" SELECT CAST(id AS text), (SELECT d FROM demora) FROM {plazos.tabla} AS t"
        f" WHERE revisar_en <= %s AND {conocidas}"
        " AND (revisar_en <= CAST(%s AS timestamptz) - (SELECT d FROM demora)"
        f" OR {plazos.reintento} <= %s){entre}{fuera}"
        " AND NOT EXISTS (SELECT 1 FROM reintentos r WHERE r.consumidor = %s"
        " AND position(convert_to(CAST(t.id AS text), 'UTF8') IN r.cuerpo) > 0) ORDER BY revisar_en"
        " LIMIT %s FOR UPDATE OF t SKIP LOCKED",
        *(momento - AL_HABLA, INDEFINIDA_MS, momento - VIVO),
        *(momento, *valores, momento, momento),
        *(arreglo(ids) for ids in (solo, sin) if ids),
        *(plazos.consumidor, maximo),
    )
    return [UUID(id) for id, _ in filas], filas[0][1] if filas else timedelta(0)


def apartado(
    conexion: Connection, consumidor: str, momento: datetime, conocidas: Collection[Conocida]
) -> FilaApartada | None:
    """Lock and return one message whose next try is due and that this process can read."""
    legible, valores = una_de(("falta", "falta_version"), conocidas, "%s")
    filas = leer(
        conexion,
        "SELECT CAST(id AS text), tema, cuerpo, intentos, error FROM reintentos"
        f" WHERE consumidor = %s AND proximo <= %s AND (falta IS NULL OR {legible})"
        " ORDER BY proximo LIMIT 1 FOR UPDATE SKIP LOCKED",
        *(consumidor, momento, *valores),
    )
    return filas[0] if filas else None


def quitar_apartado(conexion: Connection, consumidor: str, id: UUID, intentos: int) -> bool:
    """Delete a message set aside. False when it is gone or its number of attempts has changed."""
    return (
        conexion.exec_driver_sql(
            "DELETE FROM reintentos WHERE consumidor = %s AND id = CAST(%s AS uuid) AND intentos = %s",
            (consumidor, str(id), intentos),
        ).rowcount
        == 1
    )


def aplazar(conexion: Connection, tabla: str, ids: Collection[UUID], desde: datetime) -> None:
    """Have the open deadlines of these streams run from `desde`; rows that are locked are skipped."""
    conexion.exec_driver_sql(
        f"UPDATE {tabla} SET plazo_desde = %s WHERE id IN (SELECT id FROM {tabla}"
        " WHERE id = ANY(CAST(%s AS uuid[])) AND revisar_en IS NOT NULL FOR UPDATE SKIP LOCKED)",
        (desde, arreglo(ids)),
    )


def sumar_intentos(
    conexion: Connection, consumidor: str, ids: Collection[UUID], suma: int
) -> Sequence[tuple[Any, int]]:
    """Count these messages and return (id, count), see the port; an id that comes twice counts once."""
    return conexion.exec_driver_sql(
        "INSERT INTO intentos (consumidor, id, intentos) SELECT %s, unnest(CAST(%s AS uuid[])), 1"
        " ON CONFLICT (consumidor, id) DO UPDATE SET intentos = GREATEST(intentos.intentos + %s, 2)"
        " RETURNING CAST(id AS text), intentos",
        (consumidor, arreglo(sorted(set(ids))), suma),
    ).all()


def anotar_parada(conexion: Connection, consumidor: str, limpio: bool) -> bool:
    """Record whether the consumer stopped cleanly; return the value before, True if there was none."""
    antes = conexion.exec_driver_sql(
        "SELECT limpio FROM turnos WHERE consumidor = %s FOR UPDATE", (consumidor,)
    ).scalar()
    conexion.exec_driver_sql(
        "INSERT INTO turnos (consumidor, limpio) VALUES (%s, %s)"
        " ON CONFLICT (consumidor) DO UPDATE SET limpio = EXCLUDED.limpio",
        (consumidor, limpio),
    )
    return antes is not False


def sin_esperar_al_disco(conexion: Connection) -> None:
    """Let this commit return before it is on disk: a crash of the server may undo the transaction."""
    conexion.exec_driver_sql("SET LOCAL synchronous_commit = off")


def asentado(conexion: Connection) -> int:
    """Return the oldest transaction number that may still be running: all smaller ones have ended."""
    return int(
        conexion.exec_driver_sql("SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text)").scalar_one()
    )


def ventana(conexion: Connection, tabla: Table, desde: Posicion, maximo: int, antes: int) -> Posicion | None:
    """Return the position of the last of the next `maximo` rows, of transactions before `antes`."""
    fila = conexion.exec_driver_sql(
        f"SELECT CAST(tx AS text), posicion FROM (SELECT tx, posicion FROM {tabla.name}"
        " WHERE (tx, posicion) > (CAST(%s AS xid8), %s) AND tx < CAST(%s AS xid8)"
        " ORDER BY tx, posicion LIMIT %s) AS v ORDER BY v.tx DESC, v.posicion DESC LIMIT 1",
        (str(desde.tx), desde.posicion, str(antes), maximo),
    ).first()
    return Posicion(int(fila[0]), fila[1]) if fila else None


def pendientes(conexion: Connection, proyeccion: str, antes: int, maximo: int) -> Sequence[tuple[int, str]]:
    """Return (posicion, cambios) of the stored differences, of transactions before `antes`."""
    filas = conexion.exec_driver_sql(
        "SELECT posicion, cambios FROM totales_pendientes WHERE proyeccion = %s AND tx < CAST(%s AS xid8)"
        " ORDER BY posicion LIMIT %s",
        (proyeccion, str(antes), maximo),
    )
    return [(posicion, cambios) for posicion, cambios in filas]


def tramo(desde: Posicion, hasta: Posicion) -> TextClause:
    """Return the condition that rows of alias `e` are after `desde` and not after `hasta`."""
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
    """Return the position of the newest row of the transactions before the oldest running one."""
    fila = conexion.exec_driver_sql(
        f"SELECT CAST(e.tx AS text), e.posicion FROM {tabla.name} AS e"
        # `ORDER BY tx` would sort by the text in the SELECT list, in which 9 comes after 10.
        " WHERE e.tx < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY e.tx DESC, e.posicion DESC LIMIT 1"
    ).first()
    return Posicion(int(fila[0]), fila[1]) if fila else INICIO


def lugar() -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the columns of a row's position, for alias `e`; ordering by them is commit order."""
    return literal_column("e.tx"), literal_column("e.posicion")


def restaurada(conexion: Connection, tabla: Table) -> bool:
    """Whether a row has a transaction number that this server has not reached: it was restored here."""
    return bool(
        conexion.exec_driver_sql(
            f"SELECT EXISTS (SELECT FROM {tabla.name} WHERE tx >= pg_snapshot_xmax(pg_current_snapshot()))"
        ).scalar_one()
    )


def rebasar(conexion: Connection, tabla: Table) -> None:
    """Give restored rows a transaction number before all of this server's; their own order stays."""
    conexion.exec_driver_sql(
        f"UPDATE {tabla.name} SET tx = CAST('3' AS xid8)"
        " WHERE tx >= pg_snapshot_xmax(pg_current_snapshot())"
        " OR tx < pg_snapshot_xmin(pg_current_snapshot())"
    )

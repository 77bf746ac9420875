"""The store's statements on PostgreSQL; `sql_sqlite` has the same names for SQLite."""

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
    Plazos,
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
    """Read the database's clock."""
    momento = conexion.exec_driver_sql("SELECT now()").scalar_one()
    assert isinstance(momento, datetime)
    return momento


def entradas(
    conexion: Connection, consumidor: str, ids: Collection[UUID], ajenas: Mapping[UUID, UUID]
) -> tuple[set[UUID], datetime | None]:
    """Insert inbox rows; return the fresh ids and the time. Sorted: two consumers never wait in a circle."""
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
    """Return the events of these streams after the given versions, in order."""
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

    `valores` are (servicio, ruta, clave, cliente, venida). What nobody owns comes before the caller's own.
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
    """Read the database's clock as it is now, not when the transaction began."""
    momento = conexion.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    assert isinstance(momento, datetime)
    return momento


def vencidos(
    conexion: Connection,
    plazos: Plazos,
    momento: datetime,
    maximo: int,
    solo: Collection[UUID] = (),
    sin: Collection[UUID] = (),
) -> tuple[list[UUID], timedelta]:
    """Lock and return the ids whose `revisar_en` has come and may count, and how late replies may be.

    One statement: what the living say is read once, and what is claimed is what it allows. See the port.
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
    """Lock and return one waiting message whose next try is due, and that this process can read."""
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
    """Delete a waiting message; False when it is not there with as many attempts."""
    return (
        conexion.exec_driver_sql(
            "DELETE FROM reintentos WHERE consumidor = %s AND id = CAST(%s AS uuid) AND intentos = %s",
            (consumidor, str(id), intentos),
        ).rowcount
        == 1
    )


def aplazar(conexion: Connection, tabla: str, ids: Collection[UUID], desde: datetime) -> None:
    """Have the open deadlines of these streams run from a moment; what another one handles now is left."""
    conexion.exec_driver_sql(
        f"UPDATE {tabla} SET plazo_desde = %s WHERE id IN (SELECT id FROM {tabla}"
        " WHERE id = ANY(CAST(%s AS uuid[])) AND revisar_en IS NOT NULL FOR UPDATE SKIP LOCKED)",
        (desde, arreglo(ids)),
    )


def sumar_intentos(
    conexion: Connection, consumidor: str, ids: Collection[UUID], suma: int
) -> Sequence[tuple[Any, int]]:
    """Count and return (id, count), see the port; an id that comes twice in a batch counts once."""
    return conexion.exec_driver_sql(
        "INSERT INTO intentos (consumidor, id, intentos) SELECT %s, unnest(CAST(%s AS uuid[])), 1"
        " ON CONFLICT (consumidor, id) DO UPDATE SET intentos = GREATEST(intentos.intentos + %s, 2)"
        " RETURNING CAST(id AS text), intentos",
        (consumidor, arreglo(sorted(set(ids))), suma),
    ).all()


def anotar_parada(conexion: Connection, consumidor: str, limpio: bool) -> bool:
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


def sin_esperar_al_disco(conexion: Connection) -> None:
    """Let this transaction commit in memory: a crash of the server may undo it, whole."""
    conexion.exec_driver_sql("SET LOCAL synchronous_commit = off")


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
        f"SELECT CAST(e.tx AS text), e.posicion FROM {tabla.name} AS e"
        # `ORDER BY tx` would mean the text of the SELECT list, in which 9 comes after 10.
        " WHERE e.tx < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY e.tx DESC, e.posicion DESC LIMIT 1"
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

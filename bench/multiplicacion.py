"""A history in minutes: the rows of a few real sagas, copied in SQL under other ids.

Each copy k of a saga has the ids f_k(id) in every row of it, so the copies refer to each other as the rows
of the real one do. Inside JSON documents the ids stay: nothing that is measured looks for them there.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import psycopg2

from bench.comprobacion import SinCifra
from bench.sistema import uno

AVANZAN = 2
TROZOS = 20
# What holds no rows of a saga, or holds sums and queues, which are not copied.
AJENAS = (
    "alembic_version",
    "auditoria",
    "claves",
    "claves_idempotencia",
    "contadores",
    "definiciones",
    "esquema",
    "instantaneas",
    "intentos",
    "muertos",
    "procesos",
    "proyecciones",
    "reintentos",
    "salida",
    "servicio_datos_filas",
    "temas_detenidos",
    "totales",
    "totales_pendientes",
    "turnos",
)
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# The time of a UUIDv7 or v8 stays, and so do version and variant of any; the rest is a digest of (k, id).
# One expression, without FROM and not STRICT: PostgreSQL inlines that, and calls it millions of times.
_DIGESTO = "md5(k || CAST(id AS text))"
_FUNCIONES = (
    "CREATE OR REPLACE FUNCTION bench_id(k integer, id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE"
    " PARALLEL SAFE AS $$ SELECT CAST(CASE WHEN substr(CAST(id AS text), 15, 1) IN ('7', '8') THEN"
    f" left(CAST(id AS text), 15) || overlay(left({_DIGESTO}, 19)"
    " PLACING substr(CAST(id AS text), 20, 1) FROM 4 FOR 1)"
    f" ELSE overlay(overlay({_DIGESTO} PLACING substr(CAST(id AS text), 15, 1) FROM 13 FOR 1)"
    " PLACING substr(CAST(id AS text), 20, 1) FROM 17 FOR 1) END AS uuid) $$",
    "CREATE OR REPLACE FUNCTION bench_texto(k integer, t text) RETURNS text LANGUAGE sql IMMUTABLE"
    f" PARALLEL SAFE AS $$ SELECT CASE WHEN t ~ '{UUID}' THEN replace(t, substring(t FROM '{UUID}'),"
    f" CAST(bench_id(k, CAST(substring(t FROM '{UUID}') AS uuid)) AS text)) ELSE t END $$",
)
_TABLAS = (
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
    " AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> ALL(%s) ORDER BY c.relname"
)
# Not what the database numbers by itself: identities, sequences, the transaction.
_COLUMNAS = (
    "SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a"
    " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    " WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = ''"
    " AND a.atttypid <> 'xid8'::regtype AND COALESCE(pg_get_expr(d.adbin, d.adrelid), '') !~ 'nextval'"
    " ORDER BY a.attnum"
)
_NUMERADA = (
    "SELECT count(*) = 2 FROM pg_attribute WHERE attrelid = '{tabla}'::regclass"
    " AND attname IN ('tx', 'posicion')"
)
_UNICOS = (
    "SELECT (SELECT array_agg(CAST(attname AS text)) FROM pg_attribute"
    " WHERE attrelid = i.indrelid AND attnum = ANY(i.indkey)) FROM pg_index i"
    " WHERE i.indrelid = %s::regclass AND i.indisunique"
)


def multiplicar(base: str, copias: int, avance: Callable[[int], None]) -> int:
    """Give every saga in a database at rest `copias` copies; return how many sagas there are then.

    `avance` hears of the sagas that are there so far.
    """
    conexion = _abrir(base)
    sagas = int(uno(conexion, "SELECT count(*) FROM sagas"))
    _exigir_reposo(conexion)
    for funcion in _FUNCIONES:
        _ejecutar(conexion, funcion)
    ordenes = {tabla: _orden(conexion, tabla) for tabla in _tablas(conexion)}
    hechos: list[int] = []

    def llenar(tabla: str) -> None:
        suya = _abrir(base)
        _ejecutar(suya, "SET synchronous_commit = off")
        for desde, hasta in pairwise(round(copias * i / TROZOS) for i in range(TROZOS + 1)):
            if hasta > desde:
                _ejecutar(suya, ordenes[tabla], {"desde": desde + 1, "hasta": hasta})
            hechos.append(hasta - desde)
            avance(sagas + sagas * sum(hechos) // len(ordenes))
        _ejecutar(suya, f"DROP TABLE bench_{tabla}")
        _ejecutar(suya, f"VACUUM ANALYZE {tabla}")
        suya.close()

    with ThreadPoolExecutor(AVANZAN) as piscina:
        list(piscina.map(llenar, _por_tamano(conexion, ordenes)))
    _ejecutar(conexion, "UPDATE totales SET valor = valor * %(veces)s", {"veces": copias + 1})
    _ejecutar(conexion, "CHECKPOINT")
    conexion.close()
    return sagas * (copias + 1)


def _exigir_reposo(conexion: Any) -> None:
    """Nothing may be under way: a copied total is the present one so many times."""
    for tabla in ("salida", "totales_pendientes"):
        if esperan := uno(conexion, f"SELECT count(*) FROM {tabla}"):
            raise SinCifra(f"{tabla} tiene {esperan} filas: la base no está en reposo")


def _orden(conexion: Any, tabla: str) -> str:
    """Keep the real rows of a table aside, and return the statement that adds copies of them."""
    valores = expresiones(conexion, tabla)
    _ejecutar(
        conexion, f"CREATE UNLOGGED TABLE bench_{tabla} AS SELECT * FROM {tabla}{_en_orden(conexion, tabla)}"
    )
    _ejecutar(conexion, f"ANALYZE bench_{tabla}")
    return (
        f"INSERT INTO {tabla} ({', '.join(valores)}) SELECT {', '.join(valores.values())}"
        f" FROM bench_{tabla} CROSS JOIN generate_series(%(desde)s, %(hasta)s) AS k"
    )


def _en_orden(conexion: Any, tabla: str) -> str:
    """The events of a stream must be numbered in their order: a scan by several processes mixes them."""
    return " ORDER BY tx, posicion" if uno(conexion, _NUMERADA.format(tabla=tabla)) else ""


def expresiones(conexion: Any, tabla: str) -> Mapping[str, str]:
    """Return each column of a table with the expression that its copy k has there.

    A uuid becomes f_k of it, also inside a text. A unique key without one ends in the number of the copy, or
    is a number behind all those of the copies before.
    """
    valores, tipos, con_id = {}, {}, set()
    for columna, tipo in _filas(conexion, _COLUMNAS, (tabla,)):
        valores[columna], tipos[columna] = columna, tipo
        if tipo == "uuid":
            valores[columna] = f"bench_id(k, {columna})"
            con_id.add(columna)
        elif tipo in ("text", "character varying") and uno(
            conexion, f"SELECT bool_or({columna} ~ '{UUID}') FROM {tabla}"
        ):
            valores[columna] = f"bench_texto(k, {columna})"
            con_id.add(columna)
    for (clave,) in _filas(conexion, _UNICOS, (tabla,)):
        if not con_id & set(clave):
            ultima = clave[-1]
            mayor = f"(SELECT max({ultima}) FROM bench_{tabla})"
            de_numero = tipos[ultima] in ("integer", "bigint")
            valores[ultima] = f"{ultima} + k * {mayor}" if de_numero else f"{ultima} || '-' || k"
    return valores


def _tablas(conexion: Any) -> list[str]:
    return [nombre for (nombre,) in _filas(conexion, _TABLAS, (list(AJENAS),))]


def _por_tamano(conexion: Any, ordenes: Mapping[str, str]) -> list[str]:
    """The largest first, so that both connections end together."""
    tamanos = {t: int(uno(conexion, f"SELECT pg_relation_size('bench_{t}')")) for t in ordenes}
    return sorted(ordenes, key=lambda tabla: -tamanos[tabla])


def _abrir(base: str) -> Any:
    conexion = psycopg2.connect(base)
    conexion.autocommit = True
    return conexion


def _ejecutar(conexion: Any, orden: str, parametros: Mapping[str, Any] | None = None) -> None:
    with conexion.cursor() as cursor:
        cursor.execute(orden, parametros)


def _filas(conexion: Any, consulta: str, parametros: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with conexion.cursor() as cursor:
        cursor.execute(consulta, parametros)
        return list(cursor.fetchall())

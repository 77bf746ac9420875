"""Upkeep of growing tables: partitions made ahead, inbox rows kept 8 days, idempotency keys 24 hours."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import Connection, Table, column, delete, table, text
from sqlalchemy.exc import SQLAlchemyError

from aeropartners.seedwork.aplicacion.puertos import Conflicto, Reloj
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import claves_idempotencia, entrada
from aeropartners.seedwork.infraestructura.base.tipos import Momento

log = structlog.get_logger(__name__)

DIA = timedelta(days=1)
SEMANA = timedelta(days=7)
RETENCION_ENTRADA = timedelta(days=8)
VIDA_CLAVES = timedelta(hours=24)
LUNES = datetime(2024, 1, 1, tzinfo=UTC)
CERROJO = 7_061_952
# How long a change of a table waits for readers; other statements queue behind it meanwhile.
ESPERA = "1s"
DE_UNA_VEZ = 5_000


def frontera(momento: datetime) -> UUID:
    """Return the smallest UUIDv7 of an instant."""
    return UUID(int=int(momento.timestamp() * 1000) << 80)


@dataclass(frozen=True, slots=True)
class Particion:
    """A partition of a table by time: one day or one week (`ancho`)."""

    tabla: str
    desde: datetime
    ancho: timedelta

    @property
    def nombre(self) -> str:
        """The name of the partition's own table."""
        return f"{self.tabla}_{self.desde:%Y%m%d}"

    def cubre(self, momento: datetime) -> bool:
        """Whether rows of that time belong to the partition."""
        return self.desde <= momento < self.desde + self.ancho


class Mantenimiento:
    """The upkeep of one database, by the database's clock. One thread runs `una_ronda`.

    Each task is a transaction of its own: a task that fails is logged, rolled back and tried again in the
    next round. `fallos` are the tasks that failed in the last round, with their errors. `faltan` are the
    partitions of the present that do not exist, and since when; only these need an operator.
    """

    def __init__(self, motor: Motor, reloj: Reloj) -> None:
        self._motor = motor
        self._reloj = reloj
        self._sql = dialecto_de(motor)
        self.fallos: dict[str, str] = {}
        self.faltan: tuple[datetime, list[str]] | None = None

    def una_ronda(self) -> int:
        """Delete what is past its retention, and create the partitions of the coming days and weeks.

        Return 0, so that the loop waits for its next time. Raises ConexionPerdida.
        """
        self.fallos = {}
        with self._motor.lectura() as con:
            ahora = self._sql.ahora(con, self._reloj)
            hay = _existentes(con) if self._motor.es_postgres else set()
            semanales = por_semana(con) if self._motor.es_postgres else ()
        for nombre, expirar in self._expiraciones(ahora):
            self._intentar(nombre, expirar)
        if self._motor.es_postgres:
            self._particiones(deseadas(ahora, semanales), ahora, hay)
        for nombre, error in self.fallos.items():
            log.warning("mantenimiento_fallido", tarea=nombre, error=error)
        return 0

    def _expiraciones(self, ahora: datetime) -> Iterator[tuple[str, Callable[[], None]]]:
        claves, bandeja = ahora - VIDA_CLAVES, ahora - RETENCION_ENTRADA
        yield "claves de idempotencia", partial(self._borrar, claves_idempotencia, "creado", claves)
        yield "bandeja de entrada", partial(self._borrar, entrada, "vista", bandeja)
        yield "intentos", partial(self._borrar_intentos, bandeja)

    def _particiones(self, queridas: Sequence[Particion], ahora: datetime, hay: set[str]) -> None:
        ocupadas: set[str] = set()
        hacer = [(p.tabla, p.nombre, partial(crear, p)) for p in queridas if p.nombre not in hay]
        viejas = [n for n in sorted(hay) if _es_vieja(n, ahora - RETENCION_ENTRADA)]
        hacer += [("entrada", nombre, partial(_soltar, nombre)) for nombre in viejas]
        for tabla, nombre, cambiar in hacer:
            # On a table that is being read each try blocks other statements for a second: one try a table and
            # round.
            if tabla not in ocupadas and not self._intentar(nombre, partial(self._cambiar, cambiar)):
                ocupadas.add(tabla)
        with self._motor.lectura() as con:
            hay = _existentes(con)
        faltan = [p.nombre for p in queridas if p.cubre(ahora) and p.nombre not in hay]
        desde = self.faltan[0] if self.faltan else ahora
        self.faltan = (desde, faltan) if faltan else None

    def _intentar(self, nombre: str, hacer: Callable[[], None]) -> bool:
        try:
            hacer()
        except (Conflicto, SQLAlchemyError) as error:
            self.fallos[nombre] = str(error).partition("\n")[0]
            return False
        return True

    def _cambiar(self, cambiar: Callable[[Connection], None]) -> None:
        with self._motor.escritura() as con:
            con.exec_driver_sql(f"SET LOCAL lock_timeout = '{ESPERA}'")
            con.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (CERROJO,))
            cambiar(con)
            con.commit()

    def _borrar(self, tabla: Table, columna: str, limite: datetime) -> None:
        """Delete rows older than `limite`.

        Of the inbox on PostgreSQL only the rows of foreign ids: the others go with their partitions.
        """
        if self._motor.es_postgres:
            nombre = "entrada_otras" if tabla is entrada else tabla.name
            vieja = table(nombre, column(columna, Momento))
            with self._motor.escritura() as con:
                con.execute(delete(vieja).where(vieja.c[columna] < limite))
                con.commit()
            return
        # Rows are in the order of insertion: without an index, looking at the oldest ones is enough.
        primeras = f"SELECT rowid FROM {tabla.name} ORDER BY rowid LIMIT {DE_UNA_VEZ}"
        viejas = delete(tabla).where(text(f"rowid IN ({primeras})"), tabla.c[columna] < limite)
        borradas = DE_UNA_VEZ
        while borradas == DE_UNA_VEZ:
            with self._motor.escritura() as con:
                borradas = con.execute(viejas).rowcount
                con.commit()

    def _borrar_intentos(self, limite: datetime) -> None:
        # Only a UUIDv7 has a time. Attempts of foreign ids stay: they are few, and only after crashes.
        viejas = "substr(CAST(id AS text), 15, 1) = '7' AND CAST(id AS text) < :limite"
        with self._motor.escritura() as con:
            con.execute(text(f"DELETE FROM intentos WHERE {viejas}"), {"limite": str(frontera(limite))})
            con.commit()


def por_semana(con: Connection) -> Sequence[str]:
    """Return the tables that are partitioned by week: all partitioned tables except the inbox."""
    tablas = con.exec_driver_sql(
        "SELECT m.relname FROM pg_partitioned_table p JOIN pg_class m ON m.oid = p.partrelid"
        " WHERE m.relname <> 'entrada' AND pg_table_is_visible(m.oid) ORDER BY m.relname"
    )
    return tablas.scalars().all()


def deseadas(ahora: datetime, semanales: Sequence[str]) -> list[Particion]:
    """Return the partitions that should exist: the days and weeks of the present, and some ahead."""
    hoy = ahora.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    lunes = LUNES + (ahora - LUNES) // SEMANA * SEMANA
    # The present ones come first, because only the first try on a table that is being read is made.
    dias = [Particion("entrada", hoy + dias * DIA, DIA) for dias in (0, -1, 1, 2, 3)]
    return dias + [Particion(t, lunes + n * SEMANA, SEMANA) for n in (0, -1, 1, 2) for t in semanales]


def crear(particion: Particion, con: Connection) -> None:
    """Create a partition if it does not exist, and move the rows of its time into it.

    A function of the owner does it, because processes may not change tables.
    """
    con.execute(
        text("SELECT crear_particion(:tabla, :dia, CAST(:desde AS uuid), CAST(:hasta AS uuid))"),
        {
            "tabla": particion.tabla,
            "dia": f"{particion.desde:%Y%m%d}",
            "desde": str(frontera(particion.desde)),
            "hasta": str(frontera(particion.desde + particion.ancho)),
        },
    )


def _existentes(con: Connection) -> set[str]:
    nombres = con.exec_driver_sql(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " JOIN pg_class m ON m.oid = i.inhparent"
        " WHERE m.relkind = 'p' AND pg_table_is_visible(m.oid)"
    )
    return set(nombres.scalars())


def _es_vieja(nombre: str, limite: datetime) -> bool:
    tabla, _, dia = nombre.rpartition("_")
    if tabla != "entrada" or not dia.isdigit():
        return False
    return datetime.strptime(dia, "%Y%m%d").replace(tzinfo=UTC) + DIA <= limite


def _soltar(nombre: str, con: Connection) -> None:
    con.execute(text("SELECT soltar_entrada(:dia)"), {"dia": nombre[-8:]})

"""Upkeep of what grows: partitions made ahead, the inbox kept 8 days, idempotency keys a day."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, column, delete, table, text

from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.tablas import claves_idempotencia
from aeropartners.seedwork.infraestructura.tipos import Momento

DIA = timedelta(days=1)
SEMANA = timedelta(days=7)
RETENCION_ENTRADA = timedelta(days=8)
VIDA_CLAVES = timedelta(hours=24)
_POR_SEMANA = ("sagas", "saga_pasos", "saga_compensaciones", "saga_eventos", "saga_partners")
LUNES = datetime(2024, 1, 1, tzinfo=UTC)
CERROJO = 7_061_952


def frontera(momento: datetime) -> UUID:
    """Return the smallest UUIDv7 of an instant."""
    return UUID(int=int(momento.timestamp() * 1000) << 80)


def mantener(motor: Motor, ahora: datetime) -> None:
    """Create the partitions of the coming days and weeks; remove what is past its retention."""
    _expirar(motor, ahora)
    if not motor.es_postgres:
        return
    with motor.lectura() as con:
        con.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (CERROJO,))
        hoy = ahora.replace(hour=0, minute=0, second=0, microsecond=0)
        for dias in range(-1, 4):
            crear(con, "entrada", hoy + dias * DIA, DIA)
        lunes = LUNES + (ahora - LUNES) // SEMANA * SEMANA
        for tabla in _POR_SEMANA:
            for semanas in range(-1, 3):
                crear(con, tabla, lunes + semanas * SEMANA, SEMANA)
        _soltar_entradas(con, hoy - RETENCION_ENTRADA)
        con.commit()


def _expirar(motor: Motor, ahora: datetime) -> None:
    """Delete idempotency keys after a day, and what no partition drops: foreign ids, SQLite's inbox."""
    limite = ahora - RETENCION_ENTRADA
    # Only a UUIDv7 tells its age; attempts of foreign ids stay: few, and only after crashes.
    viejas = "substr(CAST(id AS text), 15, 1) = '7' AND CAST(id AS text) < :limite"
    with motor.escritura() as con:
        con.execute(delete(claves_idempotencia).where(claves_idempotencia.c.creado < ahora - VIDA_CLAVES))
        con.execute(text(f"DELETE FROM intentos WHERE {viejas}"), {"limite": str(frontera(limite))})
        sin_particion = table("entrada_otras" if motor.es_postgres else "entrada", column("vista", Momento))
        con.execute(delete(sin_particion).where(sin_particion.c.vista < limite))
        con.commit()


def crear(con: Connection, tabla: str, desde: datetime, ancho: timedelta) -> None:
    """Make the partition of a time, if it is not there: by a function of the owner's (migration 0014)."""
    con.execute(
        text("SELECT crear_particion(:tabla, :dia, CAST(:desde AS uuid), CAST(:hasta AS uuid))"),
        {
            "tabla": tabla,
            "dia": f"{desde:%Y%m%d}",
            "desde": str(frontera(desde)),
            "hasta": str(frontera(desde + ancho)),
        },
    )


def _soltar_entradas(con: Connection, limite: datetime) -> None:
    nombres = con.exec_driver_sql(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = CAST('entrada' AS regclass) AND c.relname ~ '^entrada_[0-9]{8}$'"
    ).all()
    for (nombre,) in nombres:
        if datetime.strptime(nombre[-8:], "%Y%m%d").replace(tzinfo=UTC) + DIA <= limite:
            con.execute(text("SELECT soltar_entrada(:dia)"), {"dia": nombre[-8:]})

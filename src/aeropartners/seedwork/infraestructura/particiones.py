"""Range partitions by the time in a UUIDv7: made ahead, and the inbox's dropped when they are old."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from aeropartners.seedwork.infraestructura.motor import Motor

DIA = timedelta(days=1)
SEMANA = timedelta(days=7)
RETENCION_ENTRADA = timedelta(days=8)
_POR_SEMANA = ("sagas", "saga_pasos", "saga_compensaciones", "saga_eventos")
_LUNES = datetime(2024, 1, 1, tzinfo=UTC)
CERROJO = 7_061_952


def frontera(momento: datetime) -> UUID:
    """Return the smallest UUIDv7 of an instant."""
    return UUID(int=int(momento.timestamp() * 1000) << 80)


def mantener(motor: Motor, ahora: datetime) -> None:
    """Create the partitions of the coming days and weeks; drop inbox partitions past their retention."""
    if not motor.es_postgres:
        return
    with motor.lectura() as con:
        con.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (CERROJO,))
        hoy = ahora.replace(hour=0, minute=0, second=0, microsecond=0)
        for dias in range(-1, 4):
            _crear(con, "entrada", hoy + dias * DIA, DIA, "")
        lunes = _LUNES + (ahora - _LUNES) // SEMANA * SEMANA
        for tabla in _POR_SEMANA:
            for semanas in range(-1, 3):
                _crear(con, tabla, lunes + semanas * SEMANA, SEMANA, " WITH (fillfactor=50)")
        _soltar_entradas(con, hoy - RETENCION_ENTRADA)
        con.commit()


def _crear(con: Connection, tabla: str, desde: datetime, ancho: timedelta, opciones: str) -> None:
    con.exec_driver_sql(
        f"CREATE TABLE IF NOT EXISTS {tabla}_{desde:%Y%m%d} PARTITION OF {tabla}"
        f" FOR VALUES FROM ('{frontera(desde)}') TO ('{frontera(desde + ancho)}'){opciones}"
    )


def _soltar_entradas(con: Connection, limite: datetime) -> None:
    nombres = con.exec_driver_sql(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = CAST('entrada' AS regclass) AND c.relname ~ '^entrada_[0-9]{8}$'"
    ).all()
    for (nombre,) in nombres:
        if datetime.strptime(nombre[-8:], "%Y%m%d").replace(tzinfo=UTC) + DIA <= limite:
            con.exec_driver_sql(f"DROP TABLE {nombre}")

"""Chooses the SQL dialect of a database."""

from aeropartners.seedwork.infraestructura.base import sql_postgres, sql_sqlite
from aeropartners.seedwork.infraestructura.base.dialecto import SQL
from aeropartners.seedwork.infraestructura.base.motor import Motor


def dialecto_de(motor: Motor) -> SQL:
    """Return the dialect's statements for this engine."""
    if motor.es_postgres:
        return sql_postgres
    return sql_sqlite

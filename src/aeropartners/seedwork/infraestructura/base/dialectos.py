"""Which of the two dialects a database speaks."""

from aeropartners.seedwork.infraestructura.base import sql_postgres, sql_sqlite
from aeropartners.seedwork.infraestructura.base.dialecto import SQL
from aeropartners.seedwork.infraestructura.base.motor import Motor


def dialecto_de(motor: Motor) -> SQL:
    """Return the statements of the motor's database."""
    if motor.es_postgres:
        return sql_postgres
    return sql_sqlite

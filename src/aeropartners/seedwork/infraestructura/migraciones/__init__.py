"""Alembic migrations of the one schema that all modules share; `aplicar` brings a database up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from aeropartners.seedwork.infraestructura.motor import Motor

CERROJO = 7_061_950


def _configuracion() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def aplicar(motor: Motor) -> None:
    """Run the migrations that are missing; several processes at once wait for each other."""
    config = _configuracion()
    with motor.lectura() as conexion:
        if motor.es_postgres:
            conexion.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (CERROJO,))
        config.attributes["conexion"] = conexion
        command.upgrade(config, "head")
        conexion.commit()


def al_dia(motor: Motor) -> bool:
    """Whether the database is at the newest revision that this code knows."""
    cabeza = ScriptDirectory.from_config(_configuracion()).get_current_head()
    with motor.lectura() as conexion:
        return MigrationContext.configure(conexion).get_current_revision() == cabeza

"""Alembic migrations of the one schema of all modules; `aplicar` brings a database up to date.

A module keeps its migrations in its folder `infraestructura/migraciones`; all of them form one line of
revisions. A schema only grows while an older release may run on it: the table `esquema` holds the oldest
release that may.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg2.errors import LockNotAvailable
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import OperationalError

from aeropartners.seedwork.infraestructura.base.motor import Motor

log = structlog.get_logger(__name__)

CERROJO = 7_061_950
MODULOS = Path(__file__).parents[3] / "modulos"
# The lock timeout: behind a change that waits for a reader (a dump), all other statements would wait.
ESPERA = "1s"
VECES, PAUSA_S = 60, 4.0
SIN_MIGRAR = "La base de datos no está al día: ejecute `aeropartners migrar`"


class EsquemaAjeno(Exception):
    """A newer release has migrated the schema and does not permit this one to run on it."""


@dataclass(frozen=True, slots=True)
class Esquema:
    """The revision of a database, the oldest that code must know to run on it, and this code's newest."""

    revision: str | None
    minimo: str
    propia: str

    @property
    def mas_nuevo(self) -> bool:
        """Whether a newer release has migrated the database."""
        return (self.revision or "") > self.propia

    @property
    def reparo(self) -> str:
        """Why this code may not run on the database; an empty text when it may.

        Revisions have equal lengths, so that they are ordered as texts.
        """
        if self.mas_nuevo and self.minimo > self.propia:
            return (
                f"El esquema {self.revision} es de una versión más nueva, que ya no admite esta: conoce hasta"
                f" el {self.propia}, y hace falta conocer el {self.minimo}. Instale una versión más nueva"
            )
        return "" if self.revision and self.revision >= self.propia else SIN_MIGRAR


def _configuracion() -> Config:
    config, aqui = Config(), Path(__file__).parent
    lugares = [aqui / "versions", *sorted(MODULOS.glob("*/infraestructura/migraciones"))]
    config.set_main_option("script_location", str(aqui))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(map(str, lugares)))
    return config


def aplicar(motor: Motor, dormir: Callable[[float], None] = time.sleep) -> Esquema:
    """Run the missing migrations, all or none; processes that do it at once wait for each other.

    A migration waits one second for a lock; then all is rolled back and tried again, for about five minutes.
    A schema of a newer release is left as it is; raises EsquemaAjeno if it does not permit this one. Return
    the schema as it was before.
    """
    motor.crear()
    for vez in range(1, VECES):
        try:
            return _aplicar(motor)
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
            log.warning("migracion_en_espera", vez=vez, error=str(error.orig).partition("\n")[0])
        dormir(PAUSA_S)
    return _aplicar(motor)


def _aplicar(motor: Motor) -> Esquema:
    config = _configuracion()
    with motor.lectura() as conexion:
        if motor.es_postgres:
            conexion.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (CERROJO,))
            conexion.exec_driver_sql(f"SET LOCAL lock_timeout = '{ESPERA}'")
        antes = _leer(conexion)
        if not antes.mas_nuevo:
            config.attributes["conexion"] = conexion
            command.upgrade(config, "head")
        elif antes.reparo:
            raise EsquemaAjeno(antes.reparo)
        conexion.commit()
    return antes


def mirar(motor: Motor) -> Esquema:
    """Return the present schema of the database."""
    with motor.lectura() as conexion:
        return _leer(conexion)


def al_dia(motor: Motor) -> bool:
    """Whether this code may run on the database."""
    return not mirar(motor).reparo


def _leer(conexion: Connection) -> Esquema:
    propia = ScriptDirectory.from_config(_configuracion()).get_current_head() or ""
    revision = MigrationContext.configure(conexion).get_current_revision()
    minimo = ""
    if inspect(conexion).has_table("esquema"):
        minimo = conexion.exec_driver_sql("SELECT minimo FROM esquema").scalar_one()
    return Esquema(revision, minimo, propia)

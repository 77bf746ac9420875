"""The group that all commands are in: what ends one is said in words, never by a trace."""

import sqlite3
from typing import Any

import click
import psycopg2
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from aeropartners.arranque.peticiones import EN_JSON, Fallo
from aeropartners.arranque.servidores import PuertoOcupado
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida, Conflicto
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.privado import AlcanceDeOtros, OtroTrabaja
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import TemasIncompletos

_DE_BASE = (SQLAlchemyError, ConexionPerdida, Conflicto, psycopg2.Error, sqlite3.Error)


class Mandos(click.Group):
    """Turns what a command could not do into words that name the variable to look at."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember in which form the answer is wanted: a failure comes in the same one."""
        ctx.meta[EN_JSON] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except _DE_BASE as error:
            raise Fallo(f"DATABASE_URL: {_en_breve(error)}") from error
        except (AlcanceDeOtros, OtroTrabaja) as error:
            raise Fallo(f"AEROPARTNERS_DATOS: {error}") from error
        except (PuertoOcupado, TemasIncompletos, ErrorDeDominio) as error:
            raise Fallo(str(error)) from error


def exigir_base(motor: Motor) -> None:
    """Refuse to work in a folder that has no database: nothing but `migrar` and `demo` makes one."""
    if not motor.existe:
        raise Fallo(
            f"AEROPARTNERS_DATOS, DATABASE_URL: no hay una base de datos en {motor.lugar}; si esta es la"
            " carpeta, `aeropartners migrar` la crea"
        )


def _en_breve(error: Exception) -> str:
    """Return the first line of what the database said: below it are values."""
    dicho = error.orig if isinstance(error, DBAPIError) else error
    return str(dicho).strip().partition("\n")[0]

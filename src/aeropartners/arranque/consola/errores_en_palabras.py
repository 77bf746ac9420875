"""What a command on the database or the broker could not do, in words that name the variable to look at."""

import sqlite3

import psycopg2
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from aeropartners.arranque.http.servidores import PuertoOcupado
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida, Conflicto
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.base.privado import AlcanceDeOtros, OtroTrabaja
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import TemasIncompletos

_DE_BASE = (SQLAlchemyError, ConexionPerdida, Conflicto, psycopg2.Error, sqlite3.Error)


def en_palabras(error: Exception) -> str | None:
    """Return them, or None for a defect, which keeps its trace."""
    if isinstance(error, _DE_BASE):
        return f"DATABASE_URL: {_en_breve(error)}"
    if isinstance(error, AlcanceDeOtros | OtroTrabaja):
        return f"AEROPARTNERS_DATOS: {error}"
    return str(error) if isinstance(error, PuertoOcupado | TemasIncompletos | ErrorDeDominio) else None


def _en_breve(error: Exception) -> str:
    """Return the first line of what the database said: below it are values."""
    dicho = error.orig if isinstance(error, DBAPIError) else error
    return str(dicho).strip().partition("\n")[0]

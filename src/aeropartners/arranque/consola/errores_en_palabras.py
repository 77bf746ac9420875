"""Errors of the database and the broker in words, with the variable to check."""

import sqlite3

import psycopg2
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from aeropartners.arranque.http.servidores import PuertoOcupado
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida, Conflicto
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.infraestructura.base.archivos_privados import AlcanceDeOtros, OtroTrabaja
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import TemasIncompletos

_DE_BASE = (SQLAlchemyError, ConexionPerdida, Conflicto, psycopg2.Error, sqlite3.Error)


def en_palabras(error: Exception) -> str | None:
    """Return the text of an error; None for a defect, which keeps its traceback."""
    if isinstance(error, _DE_BASE):
        return f"DATABASE_URL: {_en_breve(error)}"
    if isinstance(error, AlcanceDeOtros | OtroTrabaja):
        return f"AEROPARTNERS_DATOS: {error}"
    return str(error) if isinstance(error, PuertoOcupado | TemasIncompletos | ErrorDeDominio) else None


def _en_breve(error: Exception) -> str:
    """Return the first line of a database's error: the lines below it contain values."""
    dicho = error.orig if isinstance(error, DBAPIError) else error
    return str(dicho).strip().partition("\n")[0]

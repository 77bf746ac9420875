"""Databases of a peer's server, beside the run's own."""

from collections.abc import Sequence

import psycopg


def crear(url: str, base: str) -> None:
    """Make a database on the server that `url` is of."""
    with psycopg.connect(url, autocommit=True) as conexion:
        conexion.execute(f'CREATE DATABASE "{base}"')


def borrar(url: str, bases: Sequence[str]) -> None:
    """Drop databases, whoever is connected to them."""
    with psycopg.connect(url, autocommit=True) as conexion:
        for base in bases:
            conexion.execute(f'DROP DATABASE IF EXISTS "{base}" WITH (FORCE)')

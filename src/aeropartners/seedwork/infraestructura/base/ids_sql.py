"""Conditions on many ids at once, as one parameter, for queries in the words of both databases."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Text,
    any_,
    bindparam,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from aeropartners.seedwork.infraestructura.base.tipos import Id


def entre(con: Connection, columna: ColumnElement[Any], valores: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a column of ids, or of names without spaces, is one of these values."""
    if con.dialect.name == "postgresql":
        arreglo = bindparam(None, "{" + ",".join(valores) + "}", Text, unique=True)
        elemento = UUID() if isinstance(columna.type, Id) else Text()
        return columna == any_(cast(arreglo, ARRAY(elemento)))
    valor = func.json_each(literal(json.dumps(list(valores)), Text)).table_valued("value")
    return columna.in_(select(valor.c.value))


def nombra(con: Connection, cuerpo: ColumnElement[bytes], id: str) -> ColumnElement[bool]:
    """Return whether a body has this id in it."""
    aguja = literal(id.encode(), LargeBinary)
    if con.dialect.name == "postgresql":
        return func.position(aguja.op("IN")(cuerpo)) > 0
    return func.instr(cuerpo, aguja) > 0


def texto(columna: ColumnElement[Any]) -> ColumnElement[str]:
    """Return an id as text: to make an object of each costs more than to fetch it."""
    return cast(columna, Text)

"""SQL conditions on many ids in one parameter, for queries that both databases run."""

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
    """Return the condition that a column is one of these values: ids, or names without spaces."""
    if con.dialect.name == "postgresql":
        arreglo = bindparam(None, "{" + ",".join(valores) + "}", Text, unique=True)
        elemento = UUID() if isinstance(columna.type, Id) else Text()
        return columna == any_(cast(arreglo, ARRAY(elemento)))
    valor = func.json_each(literal(json.dumps(list(valores)), Text)).table_valued("value")
    return columna.in_(select(valor.c.value))


def nombra(con: Connection, cuerpo: ColumnElement[bytes], id: str) -> ColumnElement[bool]:
    """Return the condition that a message body contains this id."""
    aguja = literal(id.encode(), LargeBinary)
    if con.dialect.name == "postgresql":
        return func.position(aguja.op("IN")(cuerpo)) > 0
    return func.instr(cuerpo, aguja) > 0


def texto(columna: ColumnElement[Any]) -> ColumnElement[str]:
    """Return an id column as text: creating a UUID object per row costs more than fetching the row."""
    return cast(columna, Text)

"""The audit table, append-only: who asked for what, when, from where, and how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Row,
    String,
    Table,
    Text,
    func,
    insert,
    literal_column,
    select,
)

from aeropartners.seedwork.aplicacion.auditoria import Anotacion, Firma, Resultado
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.aplicacion.texto_visible import visible
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from aeropartners.seedwork.infraestructura.base.tablas import metadatos
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento

auditoria = Table(
    "auditoria",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("momento", Momento),
    Column("actor", String(100)),
    Column("rol", String(20)),
    Column("operacion", String(200)),
    Column("recurso", String(300)),
    Column("motivo", Text),
    Column("saga_id", Id),
    Column("correlation_id", String(100)),
    Column("origen", String(100)),
    Column("resultado", String(20)),
    Column("detalle", JSON),
)
# The condition of the partial index: of the many rows of the audit, few concern dead letters.
DE_MUERTOS: ColumnElement[bool] = literal_column("operacion LIKE 'muertos.%'")


@dataclass(frozen=True, slots=True)
class Busqueda:
    """A filter of the audit by saga and by time; without values it matches all rows."""

    saga_id: UUID | None = None
    desde: datetime | None = None
    hasta: datetime | None = None

    @property
    def condiciones(self) -> list[ColumnElement[bool]]:
        """The SQL conditions of the filter."""
        c, puestas = auditoria.c, []
        if self.saga_id:
            puestas.append(c.saga_id == self.saga_id)
        if self.desde:
            puestas.append(c.momento >= self.desde)
        if self.hasta:
            puestas.append(c.momento < self.hasta)
        return puestas


def fila_de(a: Anotacion) -> Fila:
    """Return the row; texts that a caller chose are made one line and cut to their columns."""
    f = a.firma
    return {
        "id": a.id,
        "momento": a.momento,
        "actor": visible(f.actor)[:100],
        "rol": f.rol,
        "operacion": visible(f.operacion)[:200],
        "recurso": visible(f.recurso)[:300],
        "motivo": visible(f.motivo),
        "saga_id": f.saga_id,
        "correlation_id": visible(f.correlation_id)[:100],
        "origen": visible(f.origen)[:100],
        "resultado": str(a.resultado),
        "detalle": msgspec.Raw(codificar(a.detalle)),
    }


def anotar(con: Connection, anotacion: Anotacion) -> None:
    """Insert the row in the transaction of the operation itself."""
    con.execute(insert(auditoria).values(fila_de(anotacion) | {"detalle": anotacion.detalle}))


def contar(con: Connection, busqueda: Busqueda) -> int:
    """Return the number of rows that match; reads all of them."""
    return con.execute(select(func.count()).select_from(auditoria).where(*busqueda.condiciones)).scalar_one()


def pagina(con: Connection, busqueda: Busqueda, limite: int, desde: int) -> list[Anotacion]:
    """Return a page of rows, oldest first, so that new rows do not move earlier pages."""
    donde = busqueda.condiciones
    orden = (auditoria.c.momento, auditoria.c.id)
    filas = con.execute(select(auditoria).where(*donde).order_by(*orden).limit(limite).offset(desde))
    return [_de_fila(f) for f in filas]


def de_objeto(con: Connection, objeto: str) -> Sequence[Anotacion]:
    """Return the orders about one dead letter, named as `Muerto.objeto`, oldest first."""
    return leer(con, DE_MUERTOS, auditoria.c.recurso == objeto)


def de_mensaje(con: Connection, id: UUID) -> Sequence[Anotacion]:
    """Return the orders about a dead message in any consumer, oldest first."""
    return leer(con, DE_MUERTOS, auditoria.c.recurso.endswith(f"/{id}"))


def de_saga(con: Connection, saga_id: UUID) -> Sequence[Anotacion]:
    """Return the orders about dead letters of one saga, oldest first."""
    return leer(con, DE_MUERTOS, auditoria.c.saga_id == saga_id)


def leer(con: Connection, *donde: ColumnElement[bool], maximo: int | None = None) -> list[Anotacion]:
    """Return the rows that match all conditions, oldest first, at most `maximo`."""
    orden = (auditoria.c.momento, auditoria.c.id)
    filas = con.execute(select(auditoria).where(*donde).order_by(*orden).limit(maximo))
    return [_de_fila(f) for f in filas]


def _de_fila(f: Row[Any]) -> Anotacion:
    firma = Firma(f.actor, f.rol, f.operacion, f.recurso, f.origen, f.motivo, f.saga_id, f.correlation_id)
    return Anotacion(f.id, f.momento, firma, Resultado(f.resultado), f.detalle)

"""The audit: who did or was refused what, when, from where, and how it ended; append-only."""

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
from aeropartners.seedwork.aplicacion.legible import visible
from aeropartners.seedwork.aplicacion.serializacion import codificar
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
# The words of the partial index: the audit of every operation is long, that of dead letters is short.
DE_MUERTOS: ColumnElement[bool] = literal_column("operacion LIKE 'muertos.%'")


@dataclass(frozen=True, slots=True)
class Busqueda:
    """Which rows of the audit: of a saga, of a time; all of them by default."""

    saga_id: UUID | None = None
    desde: datetime | None = None
    hasta: datetime | None = None

    @property
    def condiciones(self) -> list[ColumnElement[bool]]:
        """Return them for a query."""
        c, puestas = auditoria.c, []
        if self.saga_id:
            puestas.append(c.saga_id == self.saga_id)
        if self.desde:
            puestas.append(c.momento >= self.desde)
        if self.hasta:
            puestas.append(c.momento < self.hasta)
        return puestas


def fila_de(a: Anotacion) -> Fila:
    """Return the row; what a caller chose is text of one line, cut to what the columns hold."""
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
    """Add it to the transaction of the operation itself."""
    con.execute(insert(auditoria).values(fila_de(anotacion) | {"detalle": anotacion.detalle}))


def contar(con: Connection, busqueda: Busqueda) -> int:
    """Return how many rows match; it reads them all."""
    return con.execute(select(func.count()).select_from(auditoria).where(*busqueda.condiciones)).scalar_one()


def pagina(con: Connection, busqueda: Busqueda, limite: int, desde: int) -> list[Anotacion]:
    """Return rows, oldest first, so that what is added meanwhile moves no page."""
    donde = busqueda.condiciones
    orden = (auditoria.c.momento, auditoria.c.id)
    filas = con.execute(select(auditoria).where(*donde).order_by(*orden).limit(limite).offset(desde))
    return [_de_fila(f) for f in filas]


def de_objeto(con: Connection, objeto: str) -> Sequence[Anotacion]:
    """Return the orders about one dead letter, oldest first."""
    return leer(con, DE_MUERTOS, auditoria.c.recurso == objeto)


def de_mensaje(con: Connection, id: UUID) -> Sequence[Anotacion]:
    """Return the orders about one message in whatever consumer, oldest first."""
    return leer(con, DE_MUERTOS, auditoria.c.recurso.endswith(f"/{id}"))


def de_saga(con: Connection, saga_id: UUID) -> Sequence[Anotacion]:
    """Return the orders about dead letters of one saga, oldest first."""
    return leer(con, DE_MUERTOS, auditoria.c.saga_id == saga_id)


def leer(con: Connection, *donde: ColumnElement[bool], maximo: int | None = None) -> list[Anotacion]:
    """Return the rows of these conditions, oldest first."""
    orden = (auditoria.c.momento, auditoria.c.id)
    filas = con.execute(select(auditoria).where(*donde).order_by(*orden).limit(maximo))
    return [_de_fila(f) for f in filas]


def _de_fila(f: Row[Any]) -> Anotacion:
    firma = Firma(f.actor, f.rol, f.operacion, f.recurso, f.origen, f.motivo, f.saga_id, f.correlation_id)
    return Anotacion(f.id, f.momento, firma, Resultado(f.resultado), f.detalle)

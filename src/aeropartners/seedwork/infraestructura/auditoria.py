"""The audit: who ordered what, when and why, for orders that no stream's events can carry; append-only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Connection, String, Table, Text, insert, select

from aeropartners.seedwork.infraestructura.tablas import metadatos
from aeropartners.seedwork.infraestructura.tipos import Id, Momento

auditoria = Table(
    "auditoria",
    metadatos,
    Column("id", Id, primary_key=True),
    Column("fecha", Momento),
    Column("quien", String(100)),
    Column("orden", String(60)),
    Column("objeto", String(150)),
    Column("motivo", Text),
    Column("saga_id", Id),
    Column("datos", JSON),
)


@dataclass(frozen=True, slots=True)
class Anotacion:
    """One audited order; `objeto` names what it was about, `datos` keep what it changed."""

    id: UUID
    fecha: datetime
    quien: str
    orden: str
    objeto: str
    motivo: str
    saga_id: UUID | None
    datos: dict[str, Any]


def anotar(con: Connection, anotacion: Anotacion) -> None:
    """Add it to the transaction of the order itself."""
    con.execute(insert(auditoria).values({c.name: getattr(anotacion, c.name) for c in auditoria.c}))


def de_objeto(con: Connection, objeto: str) -> Sequence[Anotacion]:
    """Return the orders about one thing, oldest first."""
    return _leer(con, auditoria.c.objeto == objeto)


def de_mensaje(con: Connection, id: UUID) -> Sequence[Anotacion]:
    """Return the orders about one message in whatever consumer, oldest first; the table is small."""
    return _leer(con, auditoria.c.objeto.endswith(f"/{id}"))


def de_saga(con: Connection, saga_id: UUID) -> Sequence[Anotacion]:
    """Return the orders about messages of one saga, oldest first."""
    return _leer(con, auditoria.c.saga_id == saga_id)


def _leer(con: Connection, donde: Any) -> list[Anotacion]:
    filas = con.execute(select(auditoria).where(donde).order_by(auditoria.c.fecha, auditoria.c.id))
    return [Anotacion(**f._mapping) for f in filas]

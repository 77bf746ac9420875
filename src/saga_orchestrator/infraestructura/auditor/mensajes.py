"""Messages: which inbox rows are there, which of them nobody sent, and what waits in a box."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, String, cast, column, func, select, table

from aeropartners.seedwork.infraestructura.auditoria import DE_MUERTOS, auditoria
from aeropartners.seedwork.infraestructura.ids_sql import entre, nombra, texto
from aeropartners.seedwork.infraestructura.particiones import frontera
from aeropartners.seedwork.infraestructura.tablas import entrada, eventos, muertos, reintentos, salida
from aeropartners.seedwork.infraestructura.tipos import Id
from saga_orchestrator.aplicacion.tramo import Enviado
from saga_orchestrator.dominio.hallazgo import AJENO, Clase, Hallazgo

PAGINA = 500
# Its effects, if it had any, are by events that it caused: `causa_id` has no index, and a person looks.
EFECTOS = "psql $DATABASE_URL -c \"SELECT flujo, tipo, saga_id FROM eventos WHERE causa_id = '{}'\""
_VERSION = 15
_NUESTRAS = ("5", "7")


def salida_desde(con: Connection) -> datetime | None:
    """Return when the oldest burst came to the outbox."""
    return con.execute(select(salida.c.creado).order_by(salida.c.posicion).limit(1)).scalar()


def recibidos(con: Connection, consumidores: Sequence[str], desde: datetime, hasta: datetime) -> set[str]:
    """Return the inbox rows whose ids are of that time."""
    e = entrada.c
    filas = select(texto(e.id)).where(
        e.id >= frontera(desde), e.id < frontera(hasta), e.consumidor.in_(consumidores)
    )
    return set(con.scalars(filas).all())


def estan(con: Connection, consumidores: Sequence[str], enviados: Collection[Enviado]) -> set[str]:
    """Return which of these have an inbox row; a command's consumer is whichever took it."""
    e = entrada.c
    filas = select(texto(e.id)).where(
        entre(con, e.id, [m.id for m in enviados]), e.consumidor.in_(consumidores)
    )
    return set(con.scalars(filas).all())


def ajenos(con: Connection, consumidores: Sequence[str], ids: Collection[str]) -> list[Hallazgo]:
    """Return the findings of those of these inbox rows that are no stored event."""
    e = entrada.c
    publicados = select(eventos.c.id).where(entre(con, eventos.c.id, ids))
    conocidos = {str(id) for id in con.scalars(publicados)}
    filas = con.execute(
        select(texto(e.id), e.consumidor).where(entre(con, e.id, ids), e.consumidor.in_(consumidores))
    )
    return [
        Hallazgo(
            Clase.HUERFANO,
            "",
            id,
            f"{consumidor} trató un mensaje que nadie de aquí envió: es una copia con otro id, o es ajeno",
            EFECTOS.format(id),
            AJENO,
        )
        for id, consumidor in filas
        if id not in conocidos
    ]


def extranos(con: Connection, consumidores: Sequence[str], tras: str) -> Sequence[str]:
    """Return the next inbox rows with ids of a kind that nothing here makes."""
    postgres = con.dialect.name == "postgresql"
    otras = table("entrada_otras" if postgres else "entrada", column("id", Id), column("consumidor", String))
    version = func.substr(cast(otras.c.id, String(36)), _VERSION, 1)
    return con.scalars(
        select(texto(otras.c.id))
        .where(otras.c.id > UUID(tras), otras.c.consumidor.in_(consumidores), version.not_in(_NUESTRAS))
        .order_by(otras.c.id)
        .limit(PAGINA)
    ).all()


def apartados(con: Connection, mensajes: Collection[str], sagas: Collection[str]) -> set[str]:
    """Return which of these messages and sagas wait for another try, are dead, or were discarded."""
    hallados: set[str] = set()
    for caja in (reintentos, muertos):
        hallados |= set(con.scalars(select(texto(caja.c.id)).where(entre(con, caja.c.id, mensajes))))
        # The boxes are not indexed by saga, and are small.
        hallados |= {s for s in sagas if con.execute(select(1).where(nombra(con, caja.c.cuerpo, s))).first()}
    de_ellas = select(texto(auditoria.c.saga_id)).where(DE_MUERTOS, entre(con, auditoria.c.saga_id, sagas))
    return hallados | set(con.scalars(de_ellas))

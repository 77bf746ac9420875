"""Messages: which inbox rows are there, which of them nobody sent, and what waits in a box."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, String, TableClause, cast, column, func, select, table

from aeropartners.seedwork.aplicacion.recepcion import id_ajeno
from aeropartners.seedwork.infraestructura.ids_sql import entre, texto
from aeropartners.seedwork.infraestructura.particiones import frontera
from aeropartners.seedwork.infraestructura.tablas import entrada, eventos, salida
from aeropartners.seedwork.infraestructura.tipos import Id
from saga_orchestrator.aplicacion.espera import Lugar, Paradero
from saga_orchestrator.cotejo.aplicacion.tramo import Enviado
from saga_orchestrator.cotejo.dominio.hallazgo import AJENO, Clase, Hallazgo
from saga_orchestrator.infraestructura import paraderos

PAGINA = 500
# Its effects, if it had any, are by events that it caused: `causa_id` has no index, and a person looks.
EFECTOS = "psql $DATABASE_URL -c \"SELECT flujo, tipo, saga_id FROM eventos WHERE causa_id = '{}'\""
_VERSION = 15
_NUESTRAS = ("5", "7")
_PRIMERO = (Lugar.REINTENTOS, Lugar.MUERTOS, Lugar.DESCARTADO)
_NOMBRE = func.coalesce(entrada.c.ajena, entrada.c.id)


def salida_desde(con: Connection) -> datetime | None:
    """Return when the oldest burst came to the outbox."""
    return con.execute(select(salida.c.creado).order_by(salida.c.posicion).limit(1)).scalar()


def recibidos(con: Connection, consumidores: Sequence[str], desde: datetime, hasta: datetime) -> set[str]:
    """Return the inbox rows whose ids are of that time, under the ids that they came with."""
    propias, otras = entrada.c, _otras(con)
    halladas: set[str] = set()
    for id, consumidor in ((propias.id, propias.consumidor), (otras.c.ajena, otras.c.consumidor)):
        suyas = id >= frontera(desde), id < frontera(hasta), consumidor.in_(consumidores)
        halladas |= set(con.scalars(select(texto(id)).where(*suyas)))
    return halladas


def estan(con: Connection, consumidores: Sequence[str], enviados: Collection[Enviado]) -> set[str]:
    """Return which of these have an inbox row; a command's consumer is whichever took it."""
    e = entrada.c
    filas = select(texto(_NOMBRE)).where(
        entre(con, e.id, nombres([m.id for m in enviados])), e.consumidor.in_(consumidores)
    )
    return set(con.scalars(filas).all())


def nombres(ids: Iterable[str]) -> list[str]:
    """Return under which ids the inbox may have these messages: what came by a public topic has another."""
    return [nombre for id in ids for nombre in (id, str(id_ajeno(UUID(id))))]


def ajenos(con: Connection, consumidores: Sequence[str], ids: Collection[str]) -> list[Hallazgo]:
    """Return the findings of those of these inbox rows that are no stored event."""
    e = entrada.c
    publicados = select(eventos.c.id).where(entre(con, eventos.c.id, ids))
    conocidos = {str(id) for id in con.scalars(publicados)}
    filas = con.execute(
        select(texto(_NOMBRE), e.consumidor).where(
            entre(con, e.id, nombres(ids)), e.consumidor.in_(consumidores)
        )
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


def extranos(con: Connection, consumidores: Sequence[str], tras: str) -> tuple[str, Sequence[str]]:
    """Return the next inbox rows that came with ids of a kind that nothing here makes, and where to go on."""
    otras = _otras(con)
    nombre = func.coalesce(otras.c.ajena, otras.c.id)
    version = func.substr(cast(nombre, String(36)), _VERSION, 1)
    filas = con.execute(
        select(texto(otras.c.id), texto(nombre))
        .where(otras.c.id > UUID(tras), otras.c.consumidor.in_(consumidores), version.not_in(_NUESTRAS))
        .order_by(otras.c.id)
        .limit(PAGINA)
    ).all()
    return filas[-1][0] if len(filas) == PAGINA else "", [nombre for _, nombre in filas]


def _otras(con: Connection) -> TableClause:
    """The inbox's rows of ids that tell no time of ours."""
    postgres = con.dialect.name == "postgresql"
    columnas = column("id", Id), column("consumidor", String), column("ajena", Id)
    return table("entrada_otras" if postgres else "entrada", *columnas)


def apartados(con: Connection, mensajes: Collection[str], sagas: Collection[str]) -> dict[str, Paradero]:
    """Return, of these messages and sagas, what waits for another try, is dead, or was discarded.

    Of several the one that something is still done about, then the newest.
    """
    hallados = paraderos.de_mensajes(con, mensajes)
    for saga in sagas:
        suyos = sorted(
            paraderos.apartados(con, UUID(saga)), key=lambda p: (-_PRIMERO.index(p.lugar), p.momento)
        )
        if suyos:
            hallados[saga] = suyos[-1]
    return hallados

"""Inbox rows and messages set aside: messages that arrived, are missing, have no known sender, or wait."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, String, TableClause, and_, cast, column, func, select, table, true

from aeropartners.seedwork.aplicacion.bucles.recepcion import id_ajeno
from aeropartners.seedwork.infraestructura.base.ids_sql import entre, texto
from aeropartners.seedwork.infraestructura.base.tablas import entrada, eventos, salida
from aeropartners.seedwork.infraestructura.base.tipos import Id
from aeropartners.seedwork.infraestructura.operacion.particiones import frontera
from saga_orchestrator.aplicacion.espera import Lugar, Paradero
from saga_orchestrator.cotejo.aplicacion.libros import Enviado
from saga_orchestrator.cotejo.dominio.hallazgo import AJENO, ENVIO, ClaseDeHallazgo, Hallazgo
from saga_orchestrator.cotejo.infraestructura.mapa import Vista
from saga_orchestrator.cotejo.infraestructura.tramos import DE_PARTES
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.tablas import saga_eventos
from saga_orchestrator.infraestructura.consultas import lugares_de_mensajes

PAGINA = 500
# The effects of such a message are in the events that it caused. No index has `causa_id`, so it is a command.
EFECTOS = "psql $DATABASE_URL -c \"SELECT flujo, tipo, saga_id FROM eventos WHERE causa_id = '{}'\""
_VERSION = 15
_NUESTRAS = ("5", "7")
_PRIMERO = (Lugar.REINTENTOS, Lugar.MUERTOS, Lugar.DESCARTADO)
_NOMBRE = func.coalesce(entrada.c.ajena, entrada.c.id)
_ABREN = (Tipo.INICIADA, Tipo.PASO_LOGRADO, Tipo.COMPENSACION_INICIADA, *DE_PARTES)


def salida_desde(con: Connection) -> datetime | None:
    """Return when the oldest burst came to the outbox; None when the outbox is empty."""
    return con.execute(select(salida.c.creado).order_by(salida.c.posicion).limit(1)).scalar()


def recibidos(v: Vista, desde: datetime, hasta: datetime) -> set[str]:
    """Return the ids of messages from `desde` to `hasta` with an inbox row, as the messages carried them."""
    propias, otras = entrada.c, _otras(v.con)
    halladas: set[str] = set()
    for id, consumidor in ((propias.id, propias.consumidor), (otras.c.ajena, otras.c.consumidor)):
        suyas = id >= frontera(desde), id < frontera(hasta), consumidor.in_(v.mapa.consumidores)
        halladas |= set(v.con.scalars(select(texto(id)).where(*suyas)))
    return halladas


def tratados(v: Vista, ids: Iterable[str]) -> list[tuple[str, str]]:
    """Return (id, consumer) of each of these messages that has an inbox row."""
    e = entrada.c
    suyas = entre(v.con, e.id, nombres(ids)), e.consumidor.in_(v.mapa.consumidores)
    return [(id, c) for id, c in v.con.execute(select(texto(_NOMBRE), e.consumidor).where(*suyas))]


def nombres(ids: Iterable[str]) -> list[str]:
    """Return the ids that these messages may have in the inbox: one of a public topic gets a new id."""
    return [nombre for id in ids for nombre in (id, str(id_ajeno(UUID(id))))]


def perdidos(v: Vista, enviados: Collection[Enviado]) -> list[Hallazgo]:
    """Return a finding for each message without an inbox row, if its consumer must leave one here."""
    cargadas = v.cargar({e.saga_id for e in enviados if e.version})
    hallazgos = []
    for e in enviados:
        tema, suscripcion, que = e.tema, e.suscripcion, "un evento público"
        saga = cargadas.get(e.saga_id)
        if e.version and saga is not None:
            paso, parte = _pedido(v.con, saga, e)
            testigo = v.testigo(saga, paso, parte)
            if testigo and testigo.sustituible:
                continue
            tema, suscripcion = (testigo.tema, testigo.suscripcion) if testigo else ("", "")
            que = f"la orden de {saga.paso(paso).tipo}, o de su compensación,"
        texto = f"{que} salió a las {e.fecha:%H:%M:%S} UTC y no llegó a {suscripcion or 'nadie'}"
        repara = v.volver(tema, suscripcion, e.fecha) if tema else None
        otro = f"aeropartners saga ver {e.saga_id}"
        hallazgos.append(Hallazgo(ClaseDeHallazgo.PERDIDO, e.saga_id, e.id, texto, repara or otro, ENVIO))
    return hallazgos


def _pedido(con: Connection, saga: Saga, enviado: Enviado) -> tuple[int, int]:
    """Return the step that a command, or an undo's command, was for, and the part of it."""
    e = saga_eventos.c
    suyas = and_(e.saga_id == UUID(enviado.saga_id), e.version <= enviado.version)
    clase, indice, datos = con.execute(
        select(e.clase, e.indice, e.evento_datos)
        .where(suyas, e.clase.in_(_ABREN))
        .order_by(e.version.desc())
        .limit(1)
    ).one()
    if clase == Tipo.COMPENSACION_INICIADA:
        return int(datos["indice_paso"]), datos.get("parte", 0)
    if clase == Tipo.PARTE_DESHECHA:
        return saga.memoria.compensaciones[indice].paso, datos["parte"]
    if clase == Tipo.PARTE_LOGRADA:
        return indice, datos["parte"]
    return (indice + 1 if clase == Tipo.PASO_LOGRADO else 0), 0


def ajenos(v: Vista, ids: Collection[str]) -> list[Hallazgo]:
    """Return a finding for each of these inbox rows whose id is not that of a stored event."""
    publicados = select(texto(eventos.c.id)).where(entre(v.con, eventos.c.id, ids))
    conocidos = set(v.con.scalars(publicados))
    que = "trató un mensaje que nadie de aquí envió: es una copia con otro id, o es ajeno"
    return [
        Hallazgo(ClaseDeHallazgo.HUERFANO, "", id, f"{consumidor} {que}", EFECTOS.format(id), AJENO)
        for id, consumidor in tratados(v, ids)
        if id not in conocidos
    ]


def extranos(v: Vista, tras: str) -> tuple[str, Sequence[str]]:
    """Return where the next page begins, and the ids of this page's inbox rows that no process of ours makes.

    `""` is the place before the first page and after the last.
    """
    otras = _otras(v.con)
    nombre = func.coalesce(otras.c.ajena, otras.c.id)
    version = func.substr(cast(nombre, String(36)), _VERSION, 1)
    desde = otras.c.id > UUID(tras) if tras else true()
    filas = v.con.execute(
        select(texto(otras.c.id), texto(nombre))
        .where(desde, otras.c.consumidor.in_(v.mapa.consumidores), version.not_in(_NUESTRAS))
        .order_by(otras.c.id)
        .limit(PAGINA)
    ).all()
    return filas[-1][0] if len(filas) == PAGINA else "", [nombre for _, nombre in filas]


def _otras(con: Connection) -> TableClause:
    """Return the partition of inbox rows whose ids carry no time; on SQLite, the whole inbox."""
    postgres = con.dialect.name == "postgresql"
    columnas = column("id", Id), column("consumidor", String), column("ajena", Id)
    return table("entrada_otras" if postgres else "entrada", *columnas)


def apartados(con: Connection, mensajes: Collection[str], sagas: Collection[str]) -> dict[str, Paradero]:
    """Return where these messages, and the messages of these sagas, are set aside, by their ids.

    Of several messages of a saga: one to be tried again before a dead one, before a discarded one; then the
    newest.
    """
    hallados = lugares_de_mensajes.de_mensajes(con, mensajes)
    for saga in sagas:
        suyos = sorted(
            lugares_de_mensajes.apartados(con, UUID(saga)),
            key=lambda p: (-_PRIMERO.index(p.lugar), p.momento),
        )
        if suyos:
            hallados[saga] = suyos[-1]
    return hallados

"""The events in commit order, a stretch at a time: the sagas and streams touched, and the messages sent."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, TextClause, and_, func, or_, select, text, tuple_

from aeropartners.seedwork.infraestructura.base.dialecto import SQL, Posicion
from aeropartners.seedwork.infraestructura.base.ids_sql import texto
from aeropartners.seedwork.infraestructura.base.tablas import eventos
from saga_orchestrator.cotejo.aplicacion.libros import (
    Enviado,
    PaginaDeFlujos,
    PaginaDeSagas,
    PosicionDeCommit,
)
from saga_orchestrator.dominio.definicion import ORDENAN, Tipo
from saga_orchestrator.dominio.identidades import texto_orden
from saga_orchestrator.infraestructura.almacen.tablas import saga_eventos, sagas

MAXIMO = 5_000
Anunciados = Mapping[tuple[str, str], tuple[str, str]]
# The events of parts do both: a reply causes them, and they send the next command. Then the events that a
# reply causes.
DE_PARTES = (Tipo.PARTE_LOGRADA, Tipo.PARTE_DESHECHA)
CONTESTAN = (
    Tipo.PASO_EJECUTADO,
    Tipo.COMPENSACION_EJECUTADA,
    Tipo.FALLO_TECNICO,
    Tipo.EXITO_TARDIO,
    *DE_PARTES,
)
_e, _m = saga_eventos.alias("e"), eventos.alias("e")


def primera(
    con: Connection, sql: SQL, tabla: Table, columna: str, desde: PosicionDeCommit
) -> datetime | None:
    """Return the time of the first event after a place; None when there is none."""
    hasta = sql.ventana(con, tabla, Posicion(*desde), 1, sql.asentado(con))
    if hasta is None:
        return None
    e = tabla.alias("e")
    momento: datetime | None = con.execute(
        select(e.c[columna]).where(sql.tramo(Posicion(*desde), hasta))
    ).scalar()
    return momento


def sin_asentar(con: Connection, sql: SQL) -> datetime | None:
    """Return the time of the oldest committed event that a running transaction keeps out of the commit order.

    None when there is none. On SQLite there never is: its commits are one after another.
    """
    if con.dialect.name != "postgresql":
        return None
    xmin = str(sql.asentado(con))
    momentos = [
        con.execute(
            select(func.min(e.c[columna])).where(text("e.tx >= CAST(:x AS xid8)")), {"x": xmin}
        ).scalar()
        for e, columna in ((_e, "fecha_creacion"), (_m, "fecha"))
    ]
    return min((m for m in momentos if m is not None), default=None)


def de_sagas(
    con: Connection, sql: SQL, desde: PosicionDeCommit, limite: datetime, anunciados: Anunciados
) -> PaginaDeSagas | None:
    """Return the next stretch of the sagas' events, at most MAXIMO of them; None when none is left.

    `anunciados`: saga type and kind of event → the topic and subscription by which an announcement is read.
    """
    hasta = _cortar(con, sql, saga_eventos, "fecha_creacion", desde, limite)
    if hasta is None:
        return None
    tramo = sql.tramo(Posicion(*desde), hasta)
    tocadas = con.scalars(select(texto(_e.c.saga_id)).where(tramo).distinct()).all()
    cuentas = {
        clase: (todos, con_orden)
        for clase, todos, con_orden in con.execute(
            select(_e.c.clase, func.count(), func.count().filter(_e.c.orden > 0))
            .where(tramo)
            .group_by(_e.c.clase)
        )
    }
    ordenes = con.execute(
        select(texto(_e.c.saga_id), _e.c.version, _e.c.fecha_creacion).where(tramo, ordena(_e))
    ).all()
    anuncios = _anuncios(con, tramo, anunciados) if anunciados else []
    return PaginaDeSagas(
        tocadas,
        _sumar(cuentas, (Tipo.INICIADA,)),
        _mensajes(cuentas) + len(anuncios),
        [*(orden_de(*fila) for fila in ordenes), *anuncios],
        (hasta.tx, hasta.posicion),
    )


def _anuncios(con: Connection, tramo: TextClause, anunciados: Anunciados) -> list[Enviado]:
    """Return the announcements that went out with the events of a stretch."""
    suyos = tuple_(sagas.c.tipo, _e.c.clase).in_(list(anunciados))
    filas = con.execute(
        select(texto(_e.c.saga_id), _e.c.version, _e.c.fecha_creacion, sagas.c.tipo, _e.c.clase)
        .join(sagas, sagas.c.id == _e.c.saga_id)
        .where(tramo, suyos)
    )
    return [
        Enviado(texto_orden(id, version, fecha), id, 0, fecha, *anunciados[tipo, clase])
        for id, version, fecha, tipo, clase in filas
    ]


def de_flujos(
    con: Connection,
    sql: SQL,
    desde: PosicionDeCommit,
    limite: datetime,
    consumos: Mapping[str, tuple[str, str]],
) -> PaginaDeFlujos | None:
    """Return the next stretch of the modules' events; `consumos`: event → topic and subscription."""
    hasta = _cortar(con, sql, eventos, "fecha", desde, limite)
    if hasta is None:
        return None
    m, tramo = _m.c, sql.tramo(Posicion(*desde), hasta)
    nuevos: dict[str, list[str]] = defaultdict(list)
    for flujo, tipo_flujo in con.execute(
        select(texto(m.flujo), m.tipo_flujo).where(tramo, m.version == 1)
    ).all():
        nuevos[tipo_flujo].append(flujo)
    publicados = con.execute(
        select(texto(m.id), texto(m.saga_id), m.fecha, m.tipo).where(
            tramo, m.tipo.in_(consumos), m.id.is_not(None)
        )
    ).all()
    enviados = [Enviado(id, saga or "", 0, fecha, *consumos[tipo]) for id, saga, fecha, tipo in publicados]
    return PaginaDeFlujos(nuevos, enviados, (hasta.tx, hasta.posicion))


def _cortar(
    con: Connection, sql: SQL, tabla: Table, columna: str, desde: PosicionDeCommit, limite: datetime
) -> Posicion | None:
    """Return where the next stretch ends: before its first event after `limite`; None for an empty one."""
    inicio = Posicion(*desde)
    hasta = sql.ventana(con, tabla, inicio, MAXIMO, sql.asentado(con))
    if hasta is None:
        return None
    e = tabla.alias("e")
    joven = con.execute(
        select(*sql.lugar())
        .select_from(e)
        .where(sql.tramo(inicio, hasta), e.c[columna] >= limite)
        .order_by(*sql.lugar())
        .limit(1)
    ).first()
    if joven is not None:
        hasta = Posicion(int(joven[0]), joven[1] - 1)
    return hasta if hasta > inicio else None


def ordena(e: Any) -> ColumnElement[bool]:
    """Return the condition that a command went out with an event.

    The last step's success sends no command. In a system that announces its steps, the command goes out with
    the announcement (PASO_PEDIDO), not with the success before it.
    """
    f = saga_eventos.alias("f")
    siguiente = and_(f.c.saga_id == e.c.saga_id, f.c.version == e.c.version + 1)
    sin_orden = select(1).where(siguiente, f.c.clase.in_((Tipo.COMPLETADA, Tipo.PASO_PEDIDO))).exists()
    abre = e.c.clase.in_((Tipo.INICIADA, Tipo.PASO_LOGRADO))
    return and_(e.c.clase.in_((*ORDENAN, Tipo.PASO_PEDIDO)), or_(~abre, ~sin_orden))


def orden_de(saga_id: str, version: int, fecha: datetime) -> Enviado:
    """Return the command that went out with a saga's event of this version."""
    return Enviado(texto_orden(saga_id, version, fecha), saga_id, version, fecha)


def _mensajes(cuentas: Mapping[str, tuple[int, int]]) -> int:
    """Return the number of commands, replies and public events."""
    publicos = sum(con_orden for _, con_orden in cuentas.values())
    ordenes = _sumar(cuentas, ORDENAN) - _sumar(cuentas, (Tipo.COMPLETADA,))
    return publicos + ordenes + _sumar(cuentas, CONTESTAN)


def _sumar(cuentas: Mapping[str, tuple[int, int]], clases: Sequence[Tipo]) -> int:
    return sum(cuentas.get(clase, (0, 0))[0] for clase in clases)

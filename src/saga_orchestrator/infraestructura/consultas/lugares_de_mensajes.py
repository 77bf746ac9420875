"""Where the messages of sagas are held up: in the outbox, to be tried again, dead, or discarded."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, union

from aeropartners.seedwork.aplicacion.auditoria import Anotacion
from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.aplicacion.serializacion import (
    NoDescifrable,
    descifrar_rafaga,
    descifrar_sobre,
)
from aeropartners.seedwork.infraestructura.almacen.auditoria import DE_MUERTOS, auditoria, de_saga, leer
from aeropartners.seedwork.infraestructura.base.dialecto import SQL
from aeropartners.seedwork.infraestructura.base.ids_sql import entre, nombra
from aeropartners.seedwork.infraestructura.base.tablas import eventos, muertos, reintentos, salida
from aeropartners.seedwork.infraestructura.operacion.busqueda_muertos import DESCARTAR, conservado, de_fila
from saga_orchestrator.aplicacion.espera import MUERTAS, Espera, Lugar, Paradero, esperar
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.almacen.tablas import saga_eventos, sagas

MAXIMO = 100
LETRAS = 1_000
# The tables of messages set aside: their place, and the column with the time of death or of the next try.
_CAJAS = ((reintentos, Lugar.REINTENTOS, "proximo"), (muertos, Lugar.MUERTOS, "fecha"))
_DESCARTADO = f"muertos.{DESCARTAR}"


def en_salida(con: Connection, saga: Saga) -> Iterator[Paradero]:
    """Yield the messages in the outbox of the saga's own bursts and of its participants' streams."""
    flujos = [saga.id_de(i) for i in range(len(saga.definicion.pasos))]
    rafagas_ids = union(
        select(saga_eventos.c.lote).where(saga_eventos.c.saga_id == saga.id),
        select(eventos.c.lote).where(eventos.c.flujo.in_(flujos)),
    )
    filas = con.execute(
        select(salida.c.creado, salida.c.cuerpo)
        .where(salida.c.lote.in_(rafagas_ids))
        .order_by(salida.c.posicion)
        .limit(MAXIMO)
    )
    for creado, cuerpo in filas:
        for envio in descifrar_rafaga(bytes(cuerpo)):
            yield from _de_salida(envio, saga.id, creado)


def apartados(con: Connection, saga_id: UUID) -> Iterator[Paradero]:
    """Yield the messages of a saga that are to be tried again, dead, or discarded by an operator."""
    for caja, lugar, momento in _CAJAS:
        # These tables have no index by saga; they are small.
        filas = con.execute(select(caja).where(nombra(con, caja.c.cuerpo, str(saga_id))).limit(MAXIMO))
        for f in filas:
            sobre = _sobre(bytes(f.cuerpo))
            if sobre is None or sobre.saga_id == saga_id:
                yield _de_caja(f, sobre, lugar, momento)
    yield from (_de_descarte(a) for a in de_saga(con, saga_id) if a.firma.operacion == _DESCARTADO)


def de_mensajes(con: Connection, ids: Collection[str]) -> dict[str, Paradero]:
    """Return where these messages are set aside, by id; a message in both tables is to be tried again."""
    hallados: dict[str, Paradero] = {}
    for caja, lugar, momento in reversed(_CAJAS):
        for f in con.execute(select(caja).where(entre(con, caja.c.id, ids))):
            hallados[str(f.id)] = _de_caja(f, _sobre(bytes(f.cuerpo)), lugar, momento)
    return hallados


def detenidas(
    con: Connection, sql: SQL, almacen: AlmacenSagas, ahora: datetime
) -> dict[UUID, tuple[Saga, Espera]]:
    """Return the open sagas that wait for a dead or discarded message, which nothing will handle.

    Only the oldest LETRAS dead letters are read; of discarded ones, only those of open sagas.
    """
    por_saga: defaultdict[UUID, list[Paradero]] = defaultdict(list)
    for f in con.execute(select(muertos).order_by(muertos.c.fecha).limit(LETRAS)).all():
        sobre = _sobre(bytes(f.cuerpo))
        if sobre and sobre.saga_id:
            por_saga[sobre.saga_id].append(_de_caja(f, sobre, Lugar.MUERTOS, "fecha"))
    abiertas = select(sagas.c.id).where(sagas.c.revisar_en.is_not(None))
    descartes = (DE_MUERTOS, auditoria.c.operacion == _DESCARTADO, auditoria.c.saga_id.in_(abiertas))
    for a in leer(con, *descartes, maximo=LETRAS):
        assert a.firma.saga_id
        por_saga[a.firma.saga_id].append(_de_descarte(a))
    cargadas = almacen.leer(con, sql, list(por_saga)) if por_saga else {}
    paradas = {}
    for id, saga in cargadas.items():
        if saga.abierto is not None:
            espera = esperar(saga, por_saga[id], saga.memoria.ultima_fecha or ahora, ahora)
            if espera.motivo in MUERTAS:
                paradas[id] = saga, espera
    return paradas


def _tipo(f: Row[Any], sobre: Sobre | None, lugar: Lugar) -> str | None:
    if sobre:
        return sobre.tipo
    return de_fila(f).tipo if lugar is Lugar.MUERTOS else None


def _de_caja(f: Row[Any], sobre: Sobre | None, lugar: Lugar, momento: str) -> Paradero:
    return Paradero(
        lugar,
        _tipo(f, sobre, lugar) or "indescifrable",
        f.tema,
        getattr(f, momento),
        f.id,
        sobre.paso if sobre else None,
        sobre.intento if sobre else 0,
        f.consumidor,
        f.intentos,
        f.error,
    )


def _de_descarte(a: Anotacion) -> Paradero:
    m = conservado(a)
    return Paradero(
        Lugar.DESCARTADO,
        m.sobre.tipo if m.sobre else "indescifrable",
        m.tema,
        a.momento,
        m.id,
        m.sobre.paso if m.sobre else None,
        m.sobre.intento if m.sobre else 0,
        m.consumidor,
        m.intentos,
        m.error,
        a.quien,
        a.firma.motivo,
    )


def _de_salida(envio: Envio, saga_id: UUID, creado: Any) -> Iterator[Paradero]:
    if envio.propiedades is not None:
        if envio.propiedades.get("saga_id") == str(saga_id):
            tipo = envio.propiedades.get("event_type", "")
            yield Paradero(Lugar.SALIDA, tipo, envio.tema, creado)
        return
    sobre = _sobre(bytes(envio.cuerpo))
    if sobre and sobre.saga_id == saga_id:
        yield Paradero(Lugar.SALIDA, sobre.tipo, envio.tema, creado, sobre.id, sobre.paso, sobre.intento)


def _sobre(cuerpo: bytes) -> Sobre | None:
    try:
        return descifrar_sobre(cuerpo)
    except NoDescifrable:
        return None

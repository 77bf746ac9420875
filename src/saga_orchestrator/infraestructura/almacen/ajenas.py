"""Sagas that this process can only show: their definition is unknown, or their memory cannot be decoded."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from saga_orchestrator.dominio.ajena import (
    DESCONOCIDO,
    DefinicionAjena,
    DefinicionIlegible,
    PasoContado,
)
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.memoria import Avance, Fase, Memoria
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.tablas import saga_pasos, sagas

Pasos = Mapping[UUID, Sequence[PasoContado]]


def pasos_contados(con: Connection, ids: Collection[UUID]) -> dict[UUID, list[PasoContado]]:
    """Return the steps of each saga, in order, as the rows of `saga_pasos` name them."""
    contados: dict[UUID, list[PasoContado]] = {}
    if ids:
        p = saga_pasos.c
        consulta = select(p.saga_id, p.tipo_paso, p.compensacion).where(p.saga_id.in_(ids))
        for id, tipo, compensacion in con.execute(consulta.order_by(p.saga_id, p.orden)):
            contados.setdefault(id, []).append(PasoContado(tipo, (compensacion or {}).get("tipo")))
    return contados


def ajena(fila: Sequence[Any], pasos: Pasos) -> Definicion:
    """Return a definition of another release, built from the rows of one of its sagas."""
    return DefinicionAjena.contada(fila[1], int(fila[2]), pasos.get(UUID(fila[0]), ()))


def es_coherente(saga: Saga) -> bool:
    """Whether the decoded memory has the step or undo that it says is open."""
    memoria = saga.memoria
    if memoria.fase is Fase.ATRAS and not memoria.compensaciones:
        return False
    return 0 <= memoria.actual < min(len(memoria.pasos), len(saga.definicion.pasos))


def ilegibles(con: Connection, ids: Collection[UUID]) -> dict[UUID, Saga]:
    """Return the sagas whose memory cannot be decoded, with what the columns of their rows say."""
    if not ids:
        return {}
    s, pasos = sagas.c, pasos_contados(con, ids)
    columnas = (s.id, s.tipo, s.definicion, s.version, s.estado, s.requiere_atencion, s.fecha_inicio)
    de_su_fin = (s.fecha_fin, s.error_message, s.correlation_id, s.timeout_minutos)
    filas = con.execute(select(*columnas, *de_su_fin).where(s.id.in_(ids)))
    return {f.id: _ilegible(f, pasos.get(f.id) or [PasoContado(DESCONOCIDO, None)]) for f in filas}


def _ilegible(fila: Any, pasos: Sequence[PasoContado]) -> Saga:
    saga = Saga(fila.id)
    saga.definicion = DefinicionIlegible.contada(fila.tipo, fila.definicion, pasos)
    saga.version = saga.version_inicial = fila.version
    saga.memoria = Memoria(
        fase=Fase.FIN if fila.fecha_fin else Fase.ADELANTE,
        estado=fila.estado,
        pasos=[Avance(saga.id_de(i), i) for i in range(len(pasos))],
        fecha_inicio=fila.fecha_inicio,
        fecha_fin=fila.fecha_fin,
        vence=fila.fecha_inicio + timedelta(minutes=fila.timeout_minutos),
        error=fila.error_message,
        requiere_atencion=fila.requiere_atencion,
        timeout_minutos=fila.timeout_minutos,
        correlacion_id=fila.correlation_id,
    )
    return saga

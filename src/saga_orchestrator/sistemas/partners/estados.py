"""The state of a partner saga in the words of `saga_states` and of the API (004, sections 2 and 9)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from aeropartners.contratos.partners import TIPO_PARTNER
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.base.dialecto import Fila
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tipos import texto_utc
from saga_orchestrator.dominio.memoria import Fase
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.lecturas_propias import LecturaSagas
from saga_orchestrator.sistemas.partners.tablas import saga_partners, saga_states
from saga_orchestrator.sistemas.partners.voz import acciones, alliance_id, partner_id

FINAL = "complete_saga"
SITUACIONES = ("pending", "in_progress", "completed", "failed", "compensated")
PENDIENTE, EN_CURSO, COMPLETADO, FALLIDO, COMPENSADO = SITUACIONES
Objeto = dict[str, Any]


def _fila(saga: Saga) -> Fila:
    memoria = saga.memoria
    return {
        "saga_id": saga.id,
        "correlation_id": memoria.correlacion_id,
        "status": memoria.estado,
        "current_step": _paso_actual(saga),
        "created_at": memoria.fecha_inicio,
        "updated_at": memoria.ultima_fecha,
        "completed_at": memoria.fecha_fin,
        "partner_data": _json(saga.datos_iniciales["partner_data"]),
        "partner_id": partner_id(saga),
        "alliance_id": alliance_id(saga),
        "error": memoria.error,
        "compensation_actions": _json(acciones(saga)),
        "steps": _json(_pasos(saga)),
    }


ESTADOS_PARTNER = LecturaSagas(TIPO_PARTNER, saga_partners, _fila)


def _paso_actual(saga: Saga) -> str:
    if saga.memoria.fase is Fase.ATRAS:
        return saga.compensacion(-1).tipo
    completa = saga.memoria.estado == saga.definicion.estados.completada
    return FINAL if completa else saga.paso(saga.memoria.actual).tipo


def _pasos(saga: Saga) -> Objeto:
    pasos = {saga.paso(i).tipo: _paso(saga, i) for i in range(len(saga.memoria.pasos))}
    completa = saga.memoria.estado == saga.definicion.estados.completada
    fin = _fecha(saga.memoria.fecha_fin) if completa else None
    final = {"status": COMPLETADO if completa else PENDIENTE, "started_at": fin, "completed_at": fin}
    return {**pasos, FINAL: {**final, "error": None, "result": None}}


def _paso(saga: Saga, indice: int) -> Objeto:
    avance = saga.memoria.pasos[indice]
    return {
        "status": _situacion(saga, indice),
        "started_at": _fecha(avance.solicitado_en),
        "completed_at": _fecha(avance.fecha_fin),
        "error": avance.error,
        "result": avance.resultado,
    }


def _situacion(saga: Saga, indice: int) -> str:
    avance = saga.memoria.pasos[indice]
    if not avance.intentos:
        return PENDIENTE
    if any(c.paso == indice and c.exitoso for c in saga.memoria.compensaciones):
        return COMPENSADO
    if avance.exitoso:
        return COMPLETADO
    return EN_CURSO if saga.memoria.fase is Fase.ADELANTE else FALLIDO


def _fecha(momento: datetime | None) -> str | None:
    return texto_utc(momento) if momento else None


def _json(valor: object) -> msgspec.Raw:
    return msgspec.Raw(codificar(valor))


class LecturasPartners:
    """Queries of partner sagas, over the view `saga_states`."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor

    def una(self, id: UUID) -> Objeto | None:
        """Return the saga object; None when there is no such saga."""
        with self._motor.lectura() as con:
            fila = con.execute(select(saga_states).where(saga_states.c.saga_id == id)).first()
        return _objeto(fila) if fila else None

    def activas(self, limite: int, desde: int) -> tuple[Sequence[Objeto], int]:
        """Return a page of the open sagas, oldest first, and how many open sagas there are."""
        c = saga_states.c
        abiertas = c.completed_at.is_(None)
        pagina = select(saga_states).where(abiertas).order_by(c.created_at, c.saga_id)
        with self._motor.lectura() as con:
            total = con.scalar(select(func.count()).select_from(saga_states).where(abiertas))
            filas = con.execute(pagina.limit(limite).offset(desde)).all()
        return [_objeto(f) for f in filas], int(total or 0)


def _objeto(fila: Any) -> Objeto:
    return {c: str(v) if isinstance(v, UUID) else v for c, v in fila._mapping.items()}

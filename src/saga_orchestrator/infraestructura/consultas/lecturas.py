"""Queries of sagas: one, a page, and the figures of the metrics."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, or_, select, union_all

from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tipos import texto_utc
from aeropartners.seedwork.infraestructura.totales.proyecciones import LecturaTotales, Proyeccion
from aeropartners.seedwork.infraestructura.totales.totales import Totales
from saga_orchestrator.infraestructura.almacen.tablas import saga_compensaciones, saga_pasos, sagas
from saga_orchestrator.infraestructura.almacen.totales import SAGAS

Objeto = dict[str, Any]
RECIENTES = 1_000


class LecturasSagas:
    """Queries that return the contract's status object (001, section 2)."""

    def __init__(self, motor: Motor, totales: Proyeccion) -> None:
        self._motor = motor
        self._totales = LecturaTotales(motor, totales)

    def una(self, id: UUID, tipos: Sequence[str]) -> Objeto | None:
        """Return the status object of a saga of these types, or None."""
        with self._motor.lectura() as con:
            fila = con.execute(select(sagas).where(sagas.c.id == id, sagas.c.tipo.in_(tipos))).first()
            return self._objetos(con, [fila])[0] if fila else None

    def pagina(
        self, tipos: Sequence[str], estado: str | None, desde: int, limite: int
    ) -> tuple[list[Objeto], int]:
        """Return a page after `desde` sagas, newest first, and the number of matches before paging."""
        ids, total = self.elegidas(tipos, estado, desde, limite)
        recientes = sagas.c.fecha_inicio.desc(), sagas.c.id.desc()
        with self._motor.lectura() as con:
            filas = con.execute(select(sagas).where(sagas.c.id.in_(ids)).order_by(*recientes))
            return self._objetos(con, filas.all()), total

    def elegidas(
        self, tipos: Sequence[str], estado: str | None, desde: int, limite: int
    ) -> tuple[list[UUID], int]:
        """Return the ids of a page after `desde` sagas, newest first, and the number of matches."""
        with self._motor.lectura() as con:
            ids = list(con.scalars(_elegidas(tipos, estado, desde, limite)))
        cuentas = (
            int(cuantas)
            for c, cuantas in self._totales.leer().items()
            if c.medida == SAGAS and c.grupo in tipos and estado in (None, c.clave)
        )
        return ids, sum(cuentas)

    def asentadas(self, ids: Collection[UUID]) -> set[UUID]:
        """Return those of these sagas that have ended, or need an operator."""
        asentada = or_(sagas.c.fecha_fin.is_not(None), sagas.c.requiere_atencion)
        with self._motor.lectura() as con:
            return set(con.scalars(select(sagas.c.id).where(sagas.c.id.in_(ids), asentada)))

    def totales(self) -> tuple[Totales, Totales]:
        """Return the totals of the stored sagas, and those that removed ones had; see `TotalesDeSagas`."""
        return self._totales.leer_con_retirados()

    def duraciones(self) -> dict[str, list[float]]:
        """Return the durations of the newest ended sagas of each type, in seconds, sorted."""
        recientes = sagas.c.fecha_inicio.desc()
        with self._motor.lectura() as con:
            filas = con.execute(
                select(sagas.c.tipo, sagas.c.fecha_inicio, sagas.c.fecha_fin)
                .where(sagas.c.fecha_fin.is_not(None))
                .order_by(recientes)
                .limit(RECIENTES)
            ).all()
        duraciones: dict[str, list[float]] = {}
        for tipo, inicio, fin in filas:
            duraciones.setdefault(tipo, []).append((fin - inicio).total_seconds())
        return {tipo: sorted(lista) for tipo, lista in duraciones.items()}

    def _objetos(self, con: Connection, filas: Sequence[Row[Any]]) -> list[Objeto]:
        ids = [f.id for f in filas]
        pasos = _agrupadas(con, saga_pasos, "tipo_paso", ids)
        undos = _agrupadas(con, saga_compensaciones, "tipo_compensacion", ids)
        return [
            {
                "saga_id": str(f.id),
                "estado": f.estado,
                "tipo": f.tipo,
                "pasos": pasos.get(f.id, []),
                "compensaciones": undos.get(f.id, []),
                "fecha_inicio": _fecha(f.fecha_inicio),
                "fecha_fin": _fecha(f.fecha_fin),
                "error_message": f.error_message,
                "requiere_atencion": f.requiere_atencion,
            }
            for f in filas
        ]


def _elegidas(tipos: Sequence[str], estado: str | None, desde: int, limite: int) -> Select[Any]:
    """Select the ids of a page.

    Sagas under way in a state and sagas that ended in it are selected apart: each selection has an index.
    """
    s = sagas.c
    ramas: list[tuple[ColumnElement[bool], ...]] = [()]
    if estado:
        ramas = [(s.estado_final.is_(None), s.estado == estado), (s.estado_final == estado,)]
    cada_una = [
        select(s.id, s.fecha_inicio)
        .where(s.tipo.in_(tipos), *rama)
        .order_by(s.fecha_inicio.desc(), s.id.desc())
        .limit(desde + limite)
        .subquery()
        for rama in ramas
    ]
    t = union_all(*(select(rama) for rama in cada_una)).subquery().c
    return select(t.id).order_by(t.fecha_inicio.desc(), t.id.desc()).limit(limite).offset(desde)


def _agrupadas(con: Connection, tabla: Any, tipo: str, ids: Sequence[UUID]) -> dict[UUID, list[Objeto]]:
    filas = con.execute(
        select(tabla).where(tabla.c.saga_id.in_(ids)).order_by(tabla.c.saga_id, tabla.c.orden)
    )
    grupos: dict[UUID, list[Objeto]] = {}
    for f in filas:
        entrada = {
            "id": str(f.id),
            "tipo": getattr(f, tipo),
            "exitoso": f.exitoso,
            "error": f.error,
            "fecha_ejecucion": _fecha(f.fecha_ejecucion),
            "resultado": f.resultado,
        }
        grupos.setdefault(f.saga_id, []).append(entrada)
    return grupos


def _fecha(momento: datetime | None) -> str | None:
    return texto_utc(momento) if momento else None

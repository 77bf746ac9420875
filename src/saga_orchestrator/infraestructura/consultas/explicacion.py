"""The queries for the explanation of a saga: its events, and where its messages are now."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.infraestructura.almacen.auditoria import de_saga
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from saga_orchestrator.aplicacion.espera import MARGEN, Espera, esperar, nombre_de
from saga_orchestrator.aplicacion.explicacion import Auditada, Objeto, contar
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import EventoSaga
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.almacen.tablas import saga_eventos, sagas
from saga_orchestrator.infraestructura.consultas.lugares_de_mensajes import (
    MAXIMO,
    apartados,
    detenidas,
    en_salida,
)

_TIPOS = frozenset(str(t) for t in Tipo)
ABIERTAS = 1_000


def atascada(ahora: datetime) -> ColumnElement[bool]:
    """Return the condition that a saga asks for attention, or that its wake-up is long past."""
    limite = ahora - MARGEN
    # `revisar_en` is indexed and never later than `plazo`, which is the real wake-up.
    dormida = and_(sagas.c.revisar_en <= limite, sagas.c.plazo <= limite)
    return or_(sagas.c.requiere_atencion, dormida)


class LecturasExplicacion:
    """The operator's queries, each of bounded size; the messages of a saga are searched on demand."""

    def __init__(self, motor: Motor, reloj: Reloj, almacen: AlmacenSagas) -> None:
        self._motor = motor
        self._reloj = reloj
        self._almacen = almacen
        self._sql = dialecto_de(motor)

    def una(self, id: UUID) -> Objeto | None:
        """Return the explanation of a saga; None when there is no such saga."""
        with self._foto() as con:
            saga = self._cargar(con, [id]).get(id)
            if saga is None:
                return None
            ahora = self._sql.ahora(con, self._reloj)
            paraderos = [*en_salida(con, saga), *apartados(con, id)]
            auditadas = [
                Auditada(a.firma.operacion, a.quien, a.firma.motivo, a.momento) for a in de_saga(con, id)
            ]
            return contar(saga, _eventos(con, id), paraderos, auditadas, ahora)

    def atascadas(self) -> list[Objeto]:
        """Return the sagas that ask for attention, are long past their wake-up or wait for a dead message."""
        with self._foto() as con:
            ahora = self._sql.ahora(con, self._reloj)
            paradas = detenidas(con, self._sql, self._almacen, ahora)
            ids = con.scalars(
                select(sagas.c.id).where(atascada(ahora)).order_by(sagas.c.fecha_inicio).limit(MAXIMO)
            ).all()
            halladas = self._con_espera(con, ids, ahora)
        todas = sorted((halladas | paradas).values(), key=lambda una: una[0].memoria.fecha_inicio or ahora)
        return [_resumen(saga, espera) for saga, espera in todas[:MAXIMO]]

    def motivos(self) -> dict[tuple[str, str], int]:
        """Return how many sagas of each type wait for each reason, over the ABIERTAS that wake up first."""
        with self._motor.lectura() as con:
            ahora = self._sql.ahora(con, self._reloj)
            ids = con.scalars(
                select(sagas.c.id)
                .where(sagas.c.revisar_en.is_not(None))
                .order_by(sagas.c.revisar_en)
                .limit(ABIERTAS)
            ).all()
            paradas = detenidas(con, self._sql, self._almacen, ahora)
            abiertas = self._con_espera(con, ids, ahora)
        todas = {id: paradas.get(id, una) for id, una in abiertas.items()}
        return Counter((saga.definicion.tipo, str(espera.motivo)) for saga, espera in todas.values())

    def en_atencion(self) -> Sequence[tuple[str, int]]:
        """Return the number of sagas of each type that ask for attention."""
        atencion = select(sagas.c.tipo, func.count()).where(sagas.c.requiere_atencion)
        with self._motor.lectura() as con:
            return [(tipo, cuantas) for tipo, cuantas in con.execute(atencion.group_by(sagas.c.tipo))]

    @contextmanager
    def _foto(self) -> Iterator[Connection]:
        """Open one snapshot, so that a saga, its events and its messages are of the same moment."""
        with self._motor.lectura() as con:
            postgres = self._motor.es_postgres
            yield con.execution_options(isolation_level="REPEATABLE READ") if postgres else con

    def _cargar(self, con: Connection, ids: Sequence[UUID]) -> dict[UUID, Saga]:
        return self._almacen.leer(con, self._sql, ids) if ids else {}

    def _con_espera(
        self, con: Connection, ids: Sequence[UUID], ahora: datetime
    ) -> dict[UUID, tuple[Saga, Espera]]:
        """Load sagas, each with why it waits by its row alone: a list reads no events and no messages."""
        cargadas = self._cargar(con, ids)
        return {id: (s, esperar(s, (), s.memoria.ultima_fecha or ahora, ahora)) for id, s in cargadas.items()}


def _eventos(con: Connection, id: UUID) -> list[EventoSaga]:
    filas = con.execute(
        select(saga_eventos).where(saga_eventos.c.saga_id == id).order_by(saga_eventos.c.version)
    )
    return [
        EventoSaga(
            _tipo(f.clase), f.evento_tipo, f.estado, f.fecha_creacion, f.evento_datos, f.indice, f.orden
        )
        for f in filas
    ]


def _tipo(clase: str) -> Tipo:
    """Return the kind of an event; a kind that only a newer release knows stays a text."""
    return Tipo(clase) if clase in _TIPOS else cast(Tipo, clase)


def _resumen(saga: Saga, espera: Espera) -> Objeto:
    memoria = saga.memoria
    return {
        "saga_id": saga.id,
        "tipo": saga.definicion.tipo,
        "estado": memoria.estado,
        "requiere_atencion": memoria.requiere_atencion,
        "abierto": nombre_de(saga),
        "fecha_inicio": memoria.fecha_inicio,
        "error_message": memoria.error,
        "espera": {"motivo": espera.motivo, "texto": espera.texto, "ordenes": list(espera.ordenes)},
    }

"""Selects the open sagas for an operator's order, and previews the order; nothing is written."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from saga_orchestrator.aplicacion.espera import nombre_de
from saga_orchestrator.aplicacion.explicacion import Objeto
from saga_orchestrator.aplicacion.ordenes import prever
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.almacen.tablas import sagas
from saga_orchestrator.infraestructura.consultas.explicacion import atascada
from saga_orchestrator.infraestructura.consultas.lugares_de_mensajes import detenidas

PAGINA = 200


@dataclass(frozen=True, slots=True)
class Filtro:
    """A selection of sagas; a field that is not given matches all. `paso` is the open step or undo."""

    saga_id: UUID | None = None
    atascadas: bool = False
    estado: str | None = None
    paso: str | None = None
    desde: datetime | None = None
    hasta: datetime | None = None

    def condiciones(self, ahora: datetime, paradas: Collection[UUID]) -> list[ColumnElement[bool]]:
        """Return the SQL conditions, without `paso`, which only the loaded saga tells.

        `paradas` are the sagas that wait for a dead or discarded message.
        """
        if self.saga_id:
            return [sagas.c.id == self.saga_id]
        # Each alternative has an index: ended sagas are never scanned.
        condiciones = [or_(atascada(ahora), sagas.c.id.in_(paradas)) if self.atascadas else _abierta()]
        if self.estado:
            condiciones.append(sagas.c.estado == self.estado)
        if self.desde:
            condiciones.append(sagas.c.fecha_inicio >= self.desde)
        if self.hasta:
            condiciones.append(sagas.c.fecha_inicio <= self.hasta)
        return condiciones


class Seleccion:
    """Selects sagas page by page, so that memory does not grow with the number of open sagas."""

    def __init__(self, motor: Motor, reloj: Reloj, almacen: AlmacenSagas) -> None:
        self._motor = motor
        self._reloj = reloj
        self._almacen = almacen
        self._sql = dialecto_de(motor)

    def prever(self, orden: str, filtro: Filtro, limite: int) -> tuple[list[Objeto], bool]:
        """Return what the order would do to each saga found, oldest first, and whether there are more."""
        with self._motor.lectura() as con:
            ahora = self._sql.ahora(con, self._reloj)
            elegidas = list(islice(self._filtrar(con, filtro, ahora), limite + 1))
        return [_prevista(orden, saga, ahora) for saga in elegidas[:limite]], len(elegidas) > limite

    def _filtrar(self, con: Connection, filtro: Filtro, ahora: datetime) -> Iterator[Saga]:
        s = sagas.c
        paradas = detenidas(con, self._sql, self._almacen, ahora) if filtro.atascadas else ()
        condiciones = filtro.condiciones(ahora, paradas)
        while True:
            filas = con.execute(
                select(s.id, s.fecha_inicio).where(*condiciones).order_by(s.fecha_inicio, s.id).limit(PAGINA)
            ).all()
            ids = [f.id for f in filas]
            cargadas = self._almacen.leer(con, self._sql, ids) if ids else {}
            for id in ids:
                saga = cargadas.get(id)
                if saga and filtro.paso in (None, nombre_de(saga)):
                    yield saga
            if len(filas) < PAGINA:
                return
            u = filas[-1]
            despues = or_(
                s.fecha_inicio > u.fecha_inicio, and_(s.fecha_inicio == u.fecha_inicio, s.id > u.id)
            )
            condiciones = [*filtro.condiciones(ahora, paradas), despues]


def _abierta() -> ColumnElement[bool]:
    return or_(sagas.c.requiere_atencion, sagas.c.revisar_en.is_not(None))


def _prevista(orden: str, saga: Saga, ahora: datetime) -> Objeto:
    estado, paso = saga.memoria.estado, nombre_de(saga)
    prevision = prever(saga, orden, ahora)
    return {
        "id": saga.id,
        "tipo": saga.definicion.tipo,
        "estado": estado,
        "paso": paso,
        "fecha_inicio": saga.memoria.fecha_inicio,
        "se_hara": prevision.se_hara,
        "detalle": prevision.detalle,
    }

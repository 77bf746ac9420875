"""Rebuilds the tables of sagas from their events, or says where they differ."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, select

from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.uow import dialecto_de
from saga_orchestrator.dominio.definicion import Registro, Tipo
from saga_orchestrator.dominio.saga import EventoSaga, Saga
from saga_orchestrator.infraestructura.almacen import (
    fila_de,
    filas_de_compensaciones,
    filas_de_pasos,
)
from saga_orchestrator.infraestructura.estados_partner import ESTADOS_PARTNER
from saga_orchestrator.infraestructura.tablas import (
    saga_compensaciones,
    saga_eventos,
    saga_partners,
    saga_pasos,
    sagas,
)

LOTE = 500
Filas = dict[str, list[dict[str, Any]]]


@dataclass(slots=True)
class Diferencias:
    """How many sagas were looked at, and which differed."""

    revisadas: int = 0
    diferentes: list[UUID] = field(default_factory=list)


class Reconstruccion:
    """Folds `saga_events`; a saga at a time in one transaction, so it may run beside the system."""

    def __init__(self, motor: Motor, registro: Registro) -> None:
        self._motor = motor
        self._registro = registro
        self._sql = dialecto_de(motor)

    def ejecutar(self, saga_id: UUID | None, *, escribir: bool) -> Diferencias:
        """Compare one saga or all with their events; rewrite those that differ when `escribir`."""
        diferencias = Diferencias()
        for id in [saga_id] if saga_id else self._ids():
            diferencias.revisadas += 1
            with self._motor.escritura() as con:
                saga = self._plegar(con, id)
                if self._guardadas(con, id) != _comparables(saga):
                    diferencias.diferentes.append(id)
                    if escribir:
                        self._escribir(con, saga)
                con.commit()
        return diferencias

    def _ids(self) -> Iterator[UUID]:
        ultimo = UUID(int=0)
        while True:
            with self._motor.lectura() as con:
                pagina = con.execute(
                    select(saga_eventos.c.saga_id)
                    .where(saga_eventos.c.saga_id > ultimo, saga_eventos.c.version == 1)
                    .order_by(saga_eventos.c.saga_id)
                    .limit(LOTE)
                ).all()
            yield from (id for (id,) in pagina)
            if len(pagina) < LOTE:
                return
            ultimo = pagina[-1][0]

    def _plegar(self, con: Connection, id: UUID) -> Saga:
        # The row lock keeps the saga still while it is compared.
        bloqueo = select(sagas.c.id).where(sagas.c.id == id).with_for_update()
        con.execute(bloqueo if self._motor.es_postgres else select(sagas.c.id).where(sagas.c.id == id))
        filas = con.execute(
            select(saga_eventos).where(saga_eventos.c.saga_id == id).order_by(saga_eventos.c.version)
        ).all()
        saga = Saga(id)
        inicio = filas[0].evento_datos
        saga.definicion = self._registro.de(inicio["tipo"], inicio["definicion"])
        saga.reproducir([_evento(f) for f in filas])
        return saga

    def _guardadas(self, con: Connection, id: UUID) -> Filas:
        guardadas: Filas = {}
        for tabla, columna in _TABLAS:
            consulta = select(tabla).where(tabla.c[columna] == id)
            if "orden" in tabla.c:
                consulta = consulta.order_by(tabla.c.orden)
            guardadas[tabla.name] = [_comparable(dict(f._mapping)) for f in con.execute(consulta)]
        return guardadas

    def _escribir(self, con: Connection, saga: Saga) -> None:
        for tabla, columna in _TABLAS:
            con.execute(delete(tabla).where(tabla.c[columna] == saga.id))
            with self._sql.tanda(con) as tanda:
                tanda.anexar(tabla, _filas(saga)[tabla.name])


_TABLAS = (
    (sagas, "id"),
    (saga_pasos, "saga_id"),
    (saga_compensaciones, "saga_id"),
    (saga_partners, "saga_id"),
)
_CON_RELOJ = ("revisar_en", "version", "updated_at")


def _filas(saga: Saga) -> Filas:
    return {
        sagas.name: [fila_de(saga)],
        saga_pasos.name: filas_de_pasos(saga, range(len(saga.memoria.pasos))),
        saga_compensaciones.name: filas_de_compensaciones(saga, range(len(saga.memoria.compensaciones))),
        saga_partners.name: ESTADOS_PARTNER.filas([saga]),
    }


def _comparables(saga: Saga) -> Filas:
    return {nombre: [_comparable(f) for f in filas] for nombre, filas in _filas(saga).items()}


def _comparable(fila: dict[str, Any]) -> dict[str, Any]:
    """Leave out the marks of when a row was last written; of the lazy wake-up it counts that there is one."""
    iguales = {k: _plano(v) for k, v in fila.items() if k not in _CON_RELOJ}
    if "revisar_en" not in fila:
        return iguales
    # A saga's own version is that of its last event, and guards its next change.
    return iguales | {"version": fila["version"], "despierta": fila["revisar_en"] is not None}


def _plano(valor: Any) -> Any:
    import msgspec

    return msgspec.json.decode(valor) if isinstance(valor, msgspec.Raw) else valor


def _evento(fila: Any) -> EventoSaga:
    return EventoSaga(
        tipo=Tipo(fila.clase),
        palabra=fila.evento_tipo,
        estado=fila.estado,
        fecha=fila.fecha_creacion,
        datos=fila.evento_datos,
        indice=fila.indice,
        orden=fila.orden,
    )

"""Rebuilds the tables of sagas from their events, or reports where the tables differ.

The deadlines of a living saga are kept: they are no part of its events, and the rebuilding process may have
other settings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, delete, select

from aeropartners.seedwork.dominio.errores import NoEncontrado
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import EventoSaga, Memoria
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.almacen import (
    fila_de,
    filas_de_compensaciones,
    filas_de_pasos,
)
from saga_orchestrator.infraestructura.almacen.lecturas_propias import LecturaSagas
from saga_orchestrator.infraestructura.almacen.tablas import (
    saga_compensaciones,
    saga_eventos,
    saga_pasos,
    sagas,
)

PAGINA = 500
Filas = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Diferencia:
    """A column that differs from the events; `fila` is the row's place among the saga's rows, from 1."""

    saga_id: UUID
    tabla: str
    fila: int
    columna: str
    guardado: Any
    calculado: Any


@dataclass(slots=True)
class Diferencias:
    """The result of a comparison: the number of sagas, those that differ, and the columns that differ.

    `desconocidas` are the sagas of definitions or events that this process does not know.
    """

    revisadas: int = 0
    diferentes: list[UUID] = field(default_factory=list)
    columnas: list[Diferencia] = field(default_factory=list)
    desconocidas: list[UUID] = field(default_factory=list)


class Reconstruccion:
    """Rebuilds sagas from `saga_eventos`, one saga a transaction, so it may run beside the system."""

    def __init__(self, motor: Motor, registro: Registro, lecturas: Sequence[LecturaSagas] = ()) -> None:
        self._motor = motor
        self._registro = registro
        self._lecturas = lecturas
        self._tablas = (*_TABLAS, *((lectura.tabla, "saga_id") for lectura in lecturas))
        self._sql = dialecto_de(motor)

    def ejecutar(self, saga_id: UUID | None, *, escribir: bool) -> Diferencias:
        """Compare one saga or all with their events; rewrite those that differ when `escribir`."""
        diferencias = Diferencias()
        for id in [saga_id] if saga_id else self._ids():
            diferencias.revisadas += 1
            with self._motor.escritura() as con:
                filas = self._plegar(con, id)
                if filas is None:
                    diferencias.desconocidas.append(id)
                    continue
                if halladas := list(_comparar(id, self._guardadas(con, id), _comparables(filas))):
                    diferencias.diferentes.append(id)
                    diferencias.columnas += halladas
                    if escribir:
                        self._escribir(con, id, filas)
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
                    .limit(PAGINA)
                ).all()
            yield from (id for (id,) in pagina)
            if len(pagina) < PAGINA:
                return
            ultimo = pagina[-1][0]

    def _plegar(self, con: Connection, id: UUID) -> Filas | None:
        """Return the rows that the saga's events make; None if a part of them is not known here."""
        # The row lock keeps others from changing the saga during the comparison.
        suya = select(sagas).where(sagas.c.id == id)
        viva = con.execute(suya.with_for_update() if self._motor.es_postgres else suya).first()
        filas = con.execute(
            select(saga_eventos).where(saga_eventos.c.saga_id == id).order_by(saga_eventos.c.version)
        ).all()
        if not filas:
            raise NoEncontrado(f"SAGA {id} no encontrada")
        saga = Saga(id)
        inicio = filas[0].evento_datos
        definicion = self._registro.conocida(inicio["tipo"], inicio["definicion"])
        if definicion is None or not {f.clase for f in filas} <= CLASES:
            return None
        saga.definicion = definicion
        saga.reproducir([_evento(f) for f in filas])
        if viva is None or viva.version != saga.version:
            return self._filas(saga)
        _conservar_plazos(saga, viva)
        rehechas = self._filas(saga)
        [fila] = rehechas[sagas.name]
        # A living saga without a wake-up has lost it: then the rebuilt one stays.
        if saga.despertar and viva.plazo and viva.revisar_en:
            fila |= {"plazo": viva.plazo, "revisar_en": viva.revisar_en}
        return rehechas

    def _filas(self, saga: Saga) -> Filas:
        m = saga.memoria
        return {
            sagas.name: [{**fila_de(saga), "plazo_desde": saga.plazo_desde}],
            saga_pasos.name: filas_de_pasos(saga, range(len(m.pasos))),
            saga_compensaciones.name: filas_de_compensaciones(saga, range(len(m.compensaciones))),
            **{lectura.tabla.name: lectura.filas([saga]) for lectura in self._lecturas},
        }

    def _guardadas(self, con: Connection, id: UUID) -> Filas:
        guardadas: Filas = {}
        for tabla, columna in self._tablas:
            consulta = select(tabla).where(tabla.c[columna] == id)
            if "orden" in tabla.c:
                consulta = consulta.order_by(tabla.c.orden)
            guardadas[tabla.name] = [_comparable(dict(f._mapping)) for f in con.execute(consulta)]
        return guardadas

    def _escribir(self, con: Connection, id: UUID, filas: Filas) -> None:
        for tabla, columna in self._tablas:
            con.execute(delete(tabla).where(tabla.c[columna] == id))
            with self._sql.tanda(con) as tanda:
                tanda.anexar(tabla, filas[tabla.name])


_TABLAS = (
    (sagas, "id"),
    (saga_pasos, "saga_id"),
    (saga_compensaciones, "saga_id"),
)
# Columns left out of the comparison. `estado_final`, and `primer_final` in the memory: sagas that ended
# before they existed have none.
_CON_RELOJ = ("revisar_en", "reintento", "version", "updated_at", "estado_final")
AUSENTE = "(no hay fila)"


def _conservar_plazos(saga: Saga, viva: Any) -> None:
    saga.plazo_desde = viva.plazo_desde
    try:
        guardada = msgspec.convert(viva.memoria, Memoria)
    except msgspec.ValidationError:
        return  # an unreadable memory has no deadline to keep: the rebuild replaces it
    for nuevos, viejos in (
        (saga.memoria.pasos, guardada.pasos),
        (saga.memoria.compensaciones, guardada.compensaciones),
    ):
        for nuevo, viejo in zip(nuevos, viejos, strict=False):
            if nuevo.plazo and viejo.plazo:
                nuevo.plazo = viejo.plazo


def _comparables(todas: Filas) -> Filas:
    return {nombre: [_comparable(f) for f in filas] for nombre, filas in todas.items()}


def _comparar(id: UUID, guardadas: Filas, calculadas: Filas) -> Iterator[Diferencia]:
    for tabla, suyas in calculadas.items():
        for n, (guardada, calculada) in enumerate(zip_longest(guardadas[tabla], suyas, fillvalue=None), 1):
            if guardada is None or calculada is None:
                hay = (AUSENTE, "hay fila") if guardada is None else ("hay fila", AUSENTE)
                yield Diferencia(id, tabla, n, "", *hay)
                continue
            for columna, valor in calculada.items():
                if guardada.get(columna) != valor:
                    yield Diferencia(id, tabla, n, columna, guardada.get(columna), valor)


def _comparable(fila: dict[str, Any]) -> dict[str, Any]:
    """Leave out the columns of when a row was written; of a deadline keep only whether there is one.

    The length of a deadline is a setting of the process that asked for the step; this process may have
    another one.
    """
    iguales = {k: _plano(v) for k, v in fila.items() if k not in _CON_RELOJ}
    if "revisar_en" not in fila:
        return iguales
    dicha = iguales.pop("memoria")
    memoria = {c: v for c, v in dicha.items() if c != "primer_final"} if isinstance(dicha, dict) else {}
    for avance in (*memoria.get("pasos", ()), *memoria.get("compensaciones", ())):
        avance["plazo"] = avance.get("plazo") is not None
    iguales |= {f"memoria.{campo}": valor for campo, valor in memoria.items()}
    iguales["plazo"] = iguales["plazo"] is not None
    # A saga's version is that of its last event and guards its next update, so it is compared.
    return iguales | {"version": fila["version"], "despierta": fila["revisar_en"] is not None}


def _plano(valor: Any) -> Any:
    return msgspec.json.decode(valor) if isinstance(valor, msgspec.Raw) else valor


CLASES = frozenset(map(str, Tipo))


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

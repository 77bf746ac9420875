"""The totals of sagas by type: states, undos, and durations of ended sagas."""

from bisect import bisect_left
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, TextClause, and_, func, or_, select

from aeropartners.seedwork.infraestructura.base.dialecto import SQL, Posicion
from aeropartners.seedwork.infraestructura.totales.totales import UNO, ClaveDeTotal, Suma, Totales
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import EventoSaga
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.tablas import saga_eventos, sagas

SAGAS, COMPENSACIONES, DURACION, SEGUNDOS = "sagas", "compensaciones", "duracion", "segundos"
EXITOSA, FALLIDA, INFINITO = "exitosa", "fallida", "+Inf"
LIMITES = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
CUBETAS = (*map(str, LIMITES), INFINITO)
_UNDOS = {Tipo.COMPENSACION_COMPLETADA: EXITOSA, Tipo.COMPENSACION_FALLIDA: FALLIDA}
_FINES = (Tipo.COMPLETADA, Tipo.FALLIDA, Tipo.COMPENSACION_COMPLETADA, Tipo.CERRADA)
_e, _fin = saga_eventos.alias("e"), saga_eventos.alias("f")
_antes, _despues = saga_eventos.alias("a"), saga_eventos.alias("d")


class TotalesDeSagas:
    """The projection of the totals; see the port `Proyeccion`.

    A saga counts once under its present state, and once under its duration when it has ended.
    """

    nombre = "sagas"
    tabla = saga_eventos

    def aporte(self, saga: Saga) -> Totales:
        memoria, tipo = saga.memoria, saga.definicion.tipo
        suma = Suma({ClaveDeTotal(tipo, memoria.estado, SAGAS): UNO})
        if memoria.fecha_inicio and memoria.fecha_fin:
            _medir(suma, tipo, memoria.fecha_inicio, memoria.fecha_fin, 1)
        return suma

    def por_evento(self, saga: Saga, evento: EventoSaga) -> ClaveDeTotal | None:
        medida = _UNDOS.get(evento.tipo)
        return ClaveDeTotal(saga.definicion.tipo, medida, COMPENSACIONES) if medida else None

    def cambios(self, con: Connection, sql: SQL, desde: Posicion, hasta: Posicion) -> Totales:
        return self._contar(con, sql.tramo(desde, hasta))

    def de(self, con: Connection, donde: ColumnElement[bool]) -> Totales:
        """Return the totals of the sagas whose first event `donde` selects."""
        suyos = select(saga_eventos.c.saga_id).where(donde, saga_eventos.c.version == 1)
        return self._contar(con, _e.c.saga_id.in_(suyos))

    def _contar(self, con: Connection, donde: TextClause | ColumnElement[bool]) -> Suma:
        suma = Suma()
        for fila in con.execute(_CAMBIOS.where(donde)):
            if fila.antes != fila.estado:
                suma[ClaveDeTotal(fila.tipo, fila.estado, SAGAS)] += 1
                if fila.antes is not None:
                    suma[ClaveDeTotal(fila.tipo, fila.antes, SAGAS)] -= 1
            if fila.clase in _UNDOS:
                suma[ClaveDeTotal(fila.tipo, _UNDOS[fila.clase], COMPENSACIONES)] += 1
            if fila.clase in _FINES and fila.clase_despues != Tipo.COMPENSACION_INICIADA:
                _medir(suma, fila.tipo, fila.inicio, fila.momento, 1)
            if fila.clase == Tipo.COMPENSACION_INICIADA and fila.clase_antes not in _FINES:
                # A saga that had ended is being undone: its duration no longer counts.
                _medir(suma, fila.tipo, fila.inicio, fila.anterior, -1)
        return suma


def _cambios() -> Select[Any]:
    """Select the events that change a state, or end or reopen a saga, with the events before and after.

    An end is told by the kind of event, not by a state word: a saga ends with an event of _FINES that no undo
    follows in the same transaction.
    """
    columnas = (
        sagas.c.tipo,
        sagas.c.fecha_inicio.label("inicio"),
        _antes.c.estado.label("antes"),
        _antes.c.clase.label("clase_antes"),
        _despues.c.clase.label("clase_despues"),
        _ultimo_fin().label("anterior"),
        _e.c.estado,
        _e.c.fecha_creacion.label("momento"),
        _e.c.clase,
    )
    anterior = and_(_antes.c.saga_id == _e.c.saga_id, _antes.c.version == _e.c.version - 1)
    siguiente = and_(_despues.c.saga_id == _e.c.saga_id, _despues.c.version == _e.c.version + 1)
    desde = _e.join(sagas, sagas.c.id == _e.c.saga_id).outerjoin(_antes, anterior)
    desde = desde.outerjoin(_despues, siguiente)
    de_un_fin = _e.c.clase.in_((*_FINES, *_UNDOS, Tipo.COMPENSACION_INICIADA))
    cambia = or_(_antes.c.estado.is_(None), _antes.c.estado != _e.c.estado, de_un_fin)
    return select(*columnas).select_from(desde).where(cambia)


def _ultimo_fin() -> ScalarSelect[Any]:
    """Return the time of the last end before this event; a late success in between is no end."""
    suyos = (_fin.c.saga_id == _e.c.saga_id, _fin.c.version < _e.c.version, _fin.c.clase.in_(_FINES))
    return select(func.max(_fin.c.fecha_creacion)).where(*suyos).correlate(_e).scalar_subquery()


_CAMBIOS = _cambios()


def _medir(suma: Suma, tipo: str, inicio: datetime, fin: datetime, veces: int) -> None:
    segundos = (fin - inicio).total_seconds()
    suma[ClaveDeTotal(tipo, CUBETAS[bisect_left(LIMITES, segundos)], DURACION)] += veces
    suma[ClaveDeTotal(tipo, "", SEGUNDOS)] += veces * Decimal(str(segundos)).quantize(Decimal("0.0001"))

"""The totals of sagas by type: states, undos, and durations up to the first end.

Of what a saga once gave to a counter nothing is taken back while it is stored: it counts as ended, and as a
success, by its first end, and `REABIERTAS` and `DESHECHAS` say how many of those ended or succeeded no more.
"""

from bisect import bisect_left
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, TextClause, and_, case, or_, select

from aeropartners.seedwork.infraestructura.base.dialecto import SQL, Posicion
from aeropartners.seedwork.infraestructura.totales.totales import UNO, ClaveDeTotal, Suma, Totales
from saga_orchestrator.dominio.definicion import Tipo
from saga_orchestrator.dominio.memoria import EventoSaga
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.infraestructura.almacen.tablas import saga_eventos, sagas

SAGAS, COMPENSACIONES, DURACION, SEGUNDOS = "sagas", "compensaciones", "duracion", "segundos"
REABIERTAS, DESHECHAS = "reabiertas", "deshechas"
EXITOSA, FALLIDA, INFINITO = "exitosa", "fallida", "+Inf"
LIMITES = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
CUBETAS = (*map(str, LIMITES), INFINITO)
_UNDOS = {Tipo.COMPENSACION_COMPLETADA: EXITOSA, Tipo.COMPENSACION_FALLIDA: FALLIDA}
# An end with one of these is none if an undo follows at once.
_FINES_MALOS = (Tipo.FALLIDA, Tipo.COMPENSACION_COMPLETADA, Tipo.CERRADA)
_FINES = (Tipo.COMPLETADA, *_FINES_MALOS)
_MAL = ""
_e, _fin, _tras_fin = saga_eventos.alias("e"), saga_eventos.alias("f"), saga_eventos.alias("g")
_antes, _despues = saga_eventos.alias("a"), saga_eventos.alias("d")


class TotalesDeSagas:
    """The projection of the totals; see the port `Proyeccion`.

    A saga counts once under its present state, and once under its duration since it ended the first time.
    """

    nombre = "sagas"
    tabla = saga_eventos

    def aporte(self, saga: Saga) -> Totales:
        memoria, tipo, final = saga.memoria, saga.definicion.tipo, saga.primer_final
        suma = Suma({ClaveDeTotal(tipo, memoria.estado, SAGAS): UNO})
        if memoria.fecha_inicio and final:
            _medir(suma, tipo, memoria.fecha_inicio, final.fecha)
            suma[ClaveDeTotal(tipo, "", REABIERTAS)] += memoria.fecha_fin is None
            suma[ClaveDeTotal(tipo, "", DESHECHAS)] += final.exito and not saga.tiene_exito
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
                    suma[ClaveDeTotal(fila.tipo, "", DESHECHAS)] += fila.antes == fila.primero
            if fila.clase in _UNDOS:
                suma[ClaveDeTotal(fila.tipo, _UNDOS[fila.clase], COMPENSACIONES)] += 1
            if fila.clase == Tipo.COMPENSACION_INICIADA and fila.clase_antes not in _FINES_MALOS:
                suma[ClaveDeTotal(fila.tipo, "", REABIERTAS)] += 1
            if fila.clase not in _FINES or _sigue(fila.clase, fila.clase_despues):
                continue
            if fila.primero is None:
                _medir(suma, fila.tipo, fila.inicio, fila.momento)
            else:
                suma[ClaveDeTotal(fila.tipo, "", REABIERTAS)] -= 1
        return suma


def _sigue(clase: str, despues: str | None) -> bool:
    """Whether a saga went on at once with an undo, after an event that may end it."""
    return clase in _FINES_MALOS and despues == Tipo.COMPENSACION_INICIADA


def _cambios() -> Select[Any]:
    """Select the events that change a state, or end or reopen a saga, with the events before and after.

    An end is told by the kind of event, not by a state word: a saga ends with an event of _FINES that no undo
    follows in the same transaction, or with a success.
    """
    columnas = (
        sagas.c.tipo,
        sagas.c.fecha_inicio.label("inicio"),
        _antes.c.estado.label("antes"),
        _antes.c.clase.label("clase_antes"),
        _despues.c.clase.label("clase_despues"),
        _primer_fin().label("primero"),
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


def _primer_fin() -> ScalarSelect[Any]:
    """Select the word of the first end before this event if it was a success, else _MAL; null without one."""
    logrado = _fin.c.clase == Tipo.COMPLETADA
    siguiente = and_(_tras_fin.c.saga_id == _fin.c.saga_id, _tras_fin.c.version == _fin.c.version + 1)
    return (
        select(case((logrado, _fin.c.estado), else_=_MAL))
        .join(_tras_fin, siguiente)
        .where(_fin.c.saga_id == _e.c.saga_id, _fin.c.version < _e.c.version, _fin.c.clase.in_(_FINES))
        .where(or_(logrado, _tras_fin.c.clase != Tipo.COMPENSACION_INICIADA))
        .order_by(_fin.c.version)
        .limit(1)
        .correlate(_e)
        .scalar_subquery()
    )


_CAMBIOS = _cambios()


def _medir(suma: Suma, tipo: str, inicio: datetime, fin: datetime) -> None:
    segundos = (fin - inicio).total_seconds()
    suma[ClaveDeTotal(tipo, CUBETAS[bisect_left(LIMITES, segundos)], DURACION)] += 1
    suma[ClaveDeTotal(tipo, "", SEGUNDOS)] += Decimal(str(segundos)).quantize(Decimal("0.0001"))

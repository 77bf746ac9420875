"""The counts of sagas by type: their states, their undos, and how long those that ended took."""

from bisect import bisect_left
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from aeropartners.seedwork.infraestructura.dialecto import SQL, Posicion
from aeropartners.seedwork.infraestructura.proyecciones import Clave, Suma, Totales
from saga_orchestrator.dominio.definicion import Estados, Tipo
from saga_orchestrator.infraestructura.tablas import saga_eventos, sagas

SAGAS, COMPENSACIONES, DURACION, SEGUNDOS = "sagas", "compensaciones", "duracion", "segundos"
EXITOSA, FALLIDA, INFINITO = "exitosa", "fallida", "+Inf"
LIMITES = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
CUBETAS = (*map(str, LIMITES), INFINITO)
_UNDOS = {Tipo.COMPENSACION_COMPLETADA.value: EXITOSA, Tipo.COMPENSACION_FALLIDA.value: FALLIDA}
_e, _antes = saga_eventos.alias("e"), saga_eventos.alias("a")


class TotalesDeSagas:
    """See the port `Proyeccion`: each event counts where its saga is now, less where it was."""

    nombre = "sagas"
    tabla = saga_eventos

    def __init__(self, estados: Estados) -> None:
        self._finales = estados.finales

    def cambios(self, con: Connection, sql: SQL, desde: Posicion, hasta: Posicion) -> Totales:
        tramo = sql.tramo(desde, hasta)
        suma = Suma()
        for tipo, antes, estado, clase, cuantas in con.execute(_pasos().where(tramo)):
            if antes != estado:
                suma[Clave(tipo, estado, SAGAS)] += cuantas
                if antes is not None:
                    suma[Clave(tipo, antes, SAGAS)] -= cuantas
            if clase in _UNDOS:
                suma[Clave(tipo, _UNDOS[clase], COMPENSACIONES)] += cuantas
        for fila in con.execute(_finales(self._finales).where(tramo)):
            if fila.antes in self._finales:
                _medir(suma, fila.tipo, fila.inicio, fila.anterior, -1)  # it ended, and is undone after all
            if fila.estado in self._finales:
                _medir(suma, fila.tipo, fila.inicio, fila.momento, 1)
        return suma


def _con_anterior(consulta: Select[Any]) -> Select[Any]:
    anterior = and_(_antes.c.saga_id == _e.c.saga_id, _antes.c.version == _e.c.version - 1)
    desde = _e.join(sagas, sagas.c.id == _e.c.saga_id).outerjoin(_antes, anterior)
    return consulta.select_from(desde)


def _pasos() -> Select[Any]:
    columnas = (sagas.c.tipo, _antes.c.estado, _e.c.estado, _e.c.clase)
    cambia = or_(_antes.c.estado.is_(None), _antes.c.estado != _e.c.estado, _e.c.clase.in_(_UNDOS))
    return _con_anterior(select(*columnas, func.count())).where(cambia).group_by(*columnas)


def _finales(finales: tuple[str, ...]) -> Select[Any]:
    columnas = (
        sagas.c.tipo,
        sagas.c.fecha_inicio.label("inicio"),
        _antes.c.estado.label("antes"),
        _antes.c.fecha_creacion.label("anterior"),
        _e.c.estado,
        _e.c.fecha_creacion.label("momento"),
    )
    termina = or_(_e.c.estado.in_(finales), _antes.c.estado.in_(finales))
    cambia = or_(_antes.c.estado.is_(None), _antes.c.estado != _e.c.estado)
    return _con_anterior(select(*columnas)).where(termina, cambia)


def _medir(suma: Suma, tipo: str, inicio: datetime, fin: datetime, veces: int) -> None:
    segundos = (fin - inicio).total_seconds()
    suma[Clave(tipo, CUBETAS[bisect_left(LIMITES, segundos)], DURACION)] += veces
    suma[Clave(tipo, "", SEGUNDOS)] += veces * Decimal(str(segundos)).quantize(Decimal("0.0001"))

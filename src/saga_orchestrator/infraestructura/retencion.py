"""Retention: sagas that ended long ago leave a week at a time, and only a week of which all have ended.

`eventos` is never touched: it is the truth of aggregates that live (architecture, section 5).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, FromClause, and_, delete, func, inspect, select

from aeropartners.seedwork.aplicacion.puertos import Conflicto, Reloj
from aeropartners.seedwork.infraestructura.base.dialecto import Posicion
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import totales_pendientes
from aeropartners.seedwork.infraestructura.operacion.particiones import (
    ESPERA,
    LUNES,
    SEMANA,
    Particion,
    frontera,
)
from aeropartners.seedwork.infraestructura.totales.totales import Suma, Totales, codificar_cambio
from saga_orchestrator.infraestructura.lecturas_propias import LecturaSagas
from saga_orchestrator.infraestructura.tablas import saga_compensaciones, saga_eventos, saga_pasos, sagas
from saga_orchestrator.infraestructura.totales import TotalesDeSagas

FILAS = 10_000
ULTIMA = Posicion(2**63 - 1, 2**63 - 1)
_e = saga_eventos.alias("e")


@dataclass(frozen=True, slots=True)
class Semana:
    """The sagas that began in one week; `abiertas` have not ended, and keep the week where it is."""

    lunes: datetime
    sagas: int
    abiertas: int

    @property
    def retirable(self) -> bool:
        """Whether the week may go."""
        return self.sagas > 0 and not self.abiertas


class Retencion:
    """Safe while the system runs: a week goes in a moment, and only if nobody has written it meanwhile."""

    def __init__(
        self, motor: Motor, reloj: Reloj, totales: TotalesDeSagas, lecturas: Sequence[LecturaSagas] = ()
    ) -> None:
        self._motor = motor
        suyas = (lectura.tabla for lectura in lecturas)
        self._tablas = (saga_compensaciones, saga_pasos, saga_eventos, *suyas, sagas)
        self._reloj = reloj
        self._sql = dialecto_de(motor)
        self._totales = totales

    def semanas(self, edad: timedelta) -> list[Semana]:
        """Return the weeks that ended so long ago and have sagas, oldest first."""
        with self._motor.lectura() as con:
            antes = self._sql.ahora(con, self._reloj) - edad
            halladas = [self._semana(con, lunes) for lunes in self._lunes(con, antes)]
        return [semana for semana in halladas if semana.sagas]

    def retirar(self, lunes: datetime) -> Semana:
        """Remove a week, unless one of its sagas is open; return what was found.

        It is counted beside everybody: only the removal takes the locks for which the whole system waits.
        Raises Conflicto when the week changed meanwhile, or could not be locked: nothing was removed.
        """
        with self._motor.lectura() as con:
            contado = self._sql.ultima(con, saga_eventos)
            semana = self._semana(con, lunes)
            if not semana.retirable:
                return semana
            dado = self._totales.de(
                con.execution_options(yield_per=FILAS), _en_la_semana(saga_eventos, lunes)
            )
        with self._motor.escritura() as con:
            particiones = self._particiones(con, lunes)
            for nombre in particiones.values():
                con.exec_driver_sql(f"LOCK TABLE {nombre} IN ACCESS EXCLUSIVE MODE")
            self._exigir_igual(con, lunes, contado)
            self._descontar(con, dado)
            for tabla in self._tablas:
                if particion := particiones.get(tabla):
                    con.exec_driver_sql(f"DROP TABLE {particion}")
                else:
                    con.execute(delete(tabla).where(_en_la_semana(tabla, lunes)))
            con.commit()
        return semana

    def _lunes(self, con: Connection, antes: datetime) -> Iterator[datetime]:
        # The smallest UUIDv7 tells its time; foreign ids are in no week, and stay.
        suyas = and_(sagas.c.id >= frontera(LUNES), sagas.c.id < frontera(antes))
        primera = con.execute(select(sagas.c.id).where(suyas).order_by(sagas.c.id).limit(1)).scalar()
        if primera is None:
            return
        lunes = LUNES + (_momento(primera) - LUNES) // SEMANA * SEMANA
        while lunes + SEMANA <= antes:
            yield lunes
            lunes += SEMANA

    def _semana(self, con: Connection, lunes: datetime) -> Semana:
        # No word tells that a saga has ended: one system's last may be another's under way.
        abierta = sagas.c.fecha_fin.is_(None)
        cuenta = select(func.count(), func.count().filter(abierta)).select_from(sagas)
        total, abiertas = con.execute(cuenta.where(_en_la_semana(sagas, lunes))).one()
        return Semana(lunes, total, abiertas)

    def _particiones(self, con: Connection, lunes: datetime) -> dict[FromClause, str]:
        """Return the tables of the week, those that are there; a reader keeps us, and all, for a second."""
        if not self._motor.es_postgres:
            return {}
        con.exec_driver_sql(f"SET LOCAL lock_timeout = '{ESPERA}'")
        nombres = {tabla: Particion(tabla.name, lunes, SEMANA).nombre for tabla in self._tablas}
        return {tabla: nombre for tabla, nombre in nombres.items() if inspect(con).has_table(nombre)}

    def _exigir_igual(self, con: Connection, lunes: datetime, contado: Posicion) -> None:
        """Whatever happens to a saga is an event of it; one after the count was not counted."""
        nuevos = select(_e.c.saga_id).where(self._sql.tramo(contado, ULTIMA), _en_la_semana(_e, lunes))
        if con.execute(nuevos.limit(1)).first():
            raise Conflicto(f"La semana del {lunes:%Y-%m-%d} cambió mientras se contaba")

    def _descontar(self, con: Connection, dado: Totales) -> None:
        """Take what the week gave out of the totals: they count the sagas that are there."""
        suma = Suma()
        suma.sumar(dado, -1)
        fila = {"proyeccion": self._totales.nombre, "cambios": codificar_cambio(suma)}
        with self._sql.tanda(con) as tanda:
            tanda.anexar(totales_pendientes, [fila])


def _en_la_semana(tabla: FromClause, lunes: datetime) -> ColumnElement[bool]:
    columna = tabla.c.id if tabla is sagas else tabla.c.saga_id
    return and_(columna >= frontera(lunes), columna < frontera(lunes + SEMANA))


def _momento(id: UUID) -> datetime:
    return datetime.fromtimestamp((id.int >> 80) / 1000, LUNES.tzinfo)

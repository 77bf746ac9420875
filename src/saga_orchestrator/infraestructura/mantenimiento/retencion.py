"""Retention: removes the sagas of a week, when all sagas of that week have ended.

`eventos` is never touched: living aggregates are loaded from it (architecture, section 5).
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
from aeropartners.seedwork.infraestructura.totales.proyecciones import guardar_retirado
from aeropartners.seedwork.infraestructura.totales.totales import Suma, Totales, codificar_cambio
from saga_orchestrator.infraestructura.almacen.lecturas_propias import LecturaSagas
from saga_orchestrator.infraestructura.almacen.tablas import (
    saga_compensaciones,
    saga_eventos,
    saga_pasos,
    sagas,
)
from saga_orchestrator.infraestructura.almacen.totales import TotalesDeSagas

FILAS = 10_000
ULTIMA = Posicion(2**63 - 1, 2**63 - 1)
_e = saga_eventos.alias("e")


@dataclass(frozen=True, slots=True)
class Semana:
    """The sagas that began in one week; `abiertas` is how many of them have not ended."""

    lunes: datetime
    sagas: int
    abiertas: int

    @property
    def retirable(self) -> bool:
        """Whether the week can be removed: all of its sagas have ended."""
        return self.sagas > 0 and not self.abiertas


class Retencion:
    """Removes weeks of sagas; safe while the system runs.

    The removal of a week takes a short lock, and fails if the week changed after it was counted.
    """

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
        """Return the weeks that ended at least `edad` ago and have sagas, oldest first."""
        with self._motor.lectura() as con:
            antes = self._sql.ahora(con, self._reloj) - edad
            halladas = [self._semana(con, lunes) for lunes in self._lunes(con, antes)]
        return [semana for semana in halladas if semana.sagas]

    def retirar(self, lunes: datetime) -> Semana:
        """Remove a week, unless one of its sagas is open; return the counts of the week.

        The week is counted without locks; only the removal takes the locks that the whole system waits for.
        Raises Conflicto when the week changed after the count, or could not be locked: nothing was removed.
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
            self._borrar(con, semana, particiones)
            con.commit()
        return semana

    def _lunes(self, con: Connection, antes: datetime) -> Iterator[datetime]:
        # Weeks are ranges of UUIDv7. Foreign ids without a time are in no week and are never removed.
        suyas = and_(sagas.c.id >= frontera(LUNES), sagas.c.id < frontera(antes))
        primera = con.execute(select(sagas.c.id).where(suyas).order_by(sagas.c.id).limit(1)).scalar()
        if primera is None:
            return
        lunes = LUNES + (_momento(primera) - LUNES) // SEMANA * SEMANA
        while lunes + SEMANA <= antes:
            yield lunes
            lunes += SEMANA

    def _semana(self, con: Connection, lunes: datetime) -> Semana:
        # `fecha_fin` tells that a saga has ended; state words do not: they differ between systems.
        abierta = sagas.c.fecha_fin.is_(None)
        cuenta = select(func.count(), func.count().filter(abierta)).select_from(sagas)
        total, abiertas = con.execute(cuenta.where(_en_la_semana(sagas, lunes))).one()
        return Semana(lunes, total, abiertas)

    def _particiones(self, con: Connection, lunes: datetime) -> dict[FromClause, str]:
        """Return the partitions of the week by table; none on SQLite.

        The lock timeout is short: while the removal waits for a reader, all others wait for the removal.
        """
        if not self._motor.es_postgres:
            return {}
        con.exec_driver_sql(f"SET LOCAL lock_timeout = '{ESPERA}'")
        nombres = {tabla: Particion(tabla.name, lunes, SEMANA).nombre for tabla in self._tablas}
        return {tabla: nombre for tabla, nombre in nombres.items() if inspect(con).has_table(nombre)}

    def _exigir_igual(self, con: Connection, lunes: datetime, contado: Posicion) -> None:
        """Raise Conflicto if a saga of the week has an event after the position `contado`."""
        nuevos = select(_e.c.saga_id).where(self._sql.tramo(contado, ULTIMA), _en_la_semana(_e, lunes))
        if con.execute(nuevos.limit(1)).first():
            raise Conflicto(f"La semana del {lunes:%Y-%m-%d} cambió mientras se contaba")

    def _borrar(self, con: Connection, semana: Semana, particiones: dict[FromClause, str]) -> None:
        """Remove the rows; raise Conflicto if somebody else removed them: a week is subtracted once."""
        for tabla in self._tablas:
            if particion := particiones.get(tabla):
                con.exec_driver_sql(f"DROP TABLE {particion}")
                continue
            borradas = con.execute(delete(tabla).where(_en_la_semana(tabla, semana.lunes))).rowcount
            if tabla is sagas and borradas != semana.sagas:
                raise Conflicto(f"La semana del {semana.lunes:%Y-%m-%d} ya no está entera")

    def _descontar(self, con: Connection, dado: Totales) -> None:
        """Subtract the totals of the week, which count the stored sagas, and keep them for the counters."""
        guardar_retirado(con, self._sql, self._totales, dado)
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

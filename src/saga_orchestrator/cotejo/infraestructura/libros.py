"""The tables as the auditor's ports have them: a read-only snapshot, whatever is asked of it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.infraestructura.dialecto import SQL
from aeropartners.seedwork.infraestructura.errores_de_base import traducir_errores
from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.tablas import eventos
from aeropartners.seedwork.infraestructura.uow import dialecto_de
from saga_orchestrator.aplicacion.espera import Paradero
from saga_orchestrator.cotejo.aplicacion.tramo import (
    Enviado,
    Juicio,
    Lugar,
    Marca,
    PaginaDeFlujos,
    PaginaDeSagas,
)
from saga_orchestrator.cotejo.dominio.hallazgo import FLUJO, LIBRO, SAGA, Hallazgo
from saga_orchestrator.cotejo.infraestructura import calladas, envios, flujos, mensajes, tramos
from saga_orchestrator.cotejo.infraestructura.envios import Volver
from saga_orchestrator.cotejo.infraestructura.mapa import Mapa
from saga_orchestrator.cotejo.infraestructura.mensajes import PAGINA
from saga_orchestrator.cotejo.infraestructura.sagas import juzgar_sagas
from saga_orchestrator.infraestructura.tablas import saga_eventos, sagas

NADIE = str(UUID(int=0))
Consumos = Mapping[str, tuple[str, str]]


class FotoSQL:
    """See the port `Foto`; lives as long as its transaction."""

    def __init__(
        self, con: Connection, sql: SQL, reloj: Reloj, mapa: Mapa, consumos: Consumos, volver: Volver
    ) -> None:
        self._con = con
        self._sql = sql
        self._mapa = mapa
        self._consumos = consumos
        self._volver = volver
        self._consumidores = [t.suscripcion for t in mapa.testigos.values()]
        self.ahora = sql.ahora(con, reloj)

    def primera(self, marca: Marca) -> datetime | None:
        lugares = ((saga_eventos, "fecha_creacion", marca.sagas), (eventos, "fecha", marca.flujos))
        momentos = [tramos.primera(self._con, self._sql, *lugar) for lugar in lugares]
        return min((m for m in momentos if m is not None), default=None)

    def sin_asentar(self) -> datetime | None:
        return tramos.sin_asentar(self._con, self._sql)

    def sagas(self, desde: Lugar, limite: datetime) -> PaginaDeSagas | None:
        return tramos.de_sagas(self._con, self._sql, desde, limite)

    def flujos(self, desde: Lugar, limite: datetime) -> PaginaDeFlujos | None:
        return tramos.de_flujos(self._con, self._sql, desde, limite, self._consumos)

    def juzgar_sagas(self, ids: Collection[str]) -> Juicio:
        return (
            juzgar_sagas(self._con, self._sql, self._mapa, ids, self.ahora) if ids else Juicio([], 0, set())
        )

    def juzgar_flujos(self, ids: Mapping[str, Collection[str]]) -> list[Hallazgo]:
        return flujos.juzgar_flujos(self._con, self._mapa, ids, self.ahora)

    def juzgar_claves(self, claves: Mapping[str, Collection[str]]) -> list[Hallazgo]:
        return flujos.juzgar_claves(self._con, self._mapa, claves)

    def abiertas(self, tras: str, limite: datetime) -> tuple[str, Sequence[str]]:
        return calladas.abiertas(self._con, tras, limite)

    def calladas(self, ids: Collection[str]) -> list[Hallazgo]:
        return calladas.calladas(self._con, self._sql, self._mapa, ids, self._volver) if ids else []

    def recibidos(self, desde: datetime, hasta: datetime) -> set[str]:
        return mensajes.recibidos(self._con, self._consumidores, desde, hasta)

    def estan(self, enviados: Collection[Enviado]) -> set[str]:
        return mensajes.estan(self._con, self._consumidores, enviados) if enviados else set()

    def perdidos(self, enviados: Collection[Enviado]) -> list[Hallazgo]:
        return envios.perdidos(self._con, self._sql, self._mapa, enviados, self._volver)

    def ajenos(self, ids: Collection[str]) -> list[Hallazgo]:
        return mensajes.ajenos(self._con, self._consumidores, ids) if ids else []

    def extranos(self, tras: str) -> tuple[str, Sequence[str]]:
        return mensajes.extranos(self._con, self._consumidores, tras or NADIE)

    def pagina(self, tipo: str, tras: str) -> tuple[str, Sequence[str]]:
        if tipo == SAGA:
            return _pagina(_de_sagas(self._con, tras or NADIE))
        if tipo.startswith(LIBRO):
            return _pagina(self._mapa.testigos[tipo.removeprefix(LIBRO)].claves(self._con, tras, PAGINA))
        testigo = self._mapa.testigos[tipo.removeprefix(FLUJO)]
        return _pagina(testigo.pagina(self._con, tras or NADIE, PAGINA))

    def apartados(self, mensajes_: Collection[str], sagas: Collection[str]) -> Mapping[str, Paradero]:
        return mensajes.apartados(self._con, mensajes_, sagas)

    def ultimos(self) -> tuple[Lugar, Lugar]:
        uno, otro = (self._sql.ultima(self._con, t) for t in (saga_eventos, eventos))
        return (uno.tx, uno.posicion), (otro.tx, otro.posicion)

    def salida_desde(self) -> datetime | None:
        return mensajes.salida_desde(self._con)


def _de_sagas(con: Connection, tras: str) -> Sequence[str]:
    id = sagas.c.id
    return [str(i) for i in con.scalars(select(id).where(id > UUID(tras)).order_by(id).limit(PAGINA))]


def _pagina(ids: Sequence[str]) -> tuple[str, Sequence[str]]:
    return ids[-1] if len(ids) == PAGINA else "", ids


class LibrosSQL:
    """See the port `Libros`."""

    def __init__(self, motor: Motor, reloj: Reloj, mapa: Mapa, consumos: Consumos, volver: Volver) -> None:
        self._motor = motor
        self._reloj = reloj
        self._sql = dialecto_de(motor)
        self._mapa = mapa
        self._consumos = consumos
        self._volver = volver
        self.tipos: Sequence[str] = (SAGA, *(clase + t for clase in (FLUJO, LIBRO) for t in mapa.testigos))

    @contextmanager
    def foto(self) -> Iterator[FotoSQL]:
        """Open a transaction that the database itself keeps from writing; raises ConexionPerdida."""
        with traducir_errores(), self._motor.lectura() as con:
            if self._motor.es_postgres:
                con = con.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                # A plan by a scan of everything is never what is meant here.
                for ajuste in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"):
                    con.exec_driver_sql(f"SET LOCAL {ajuste} = off")
            else:
                con.exec_driver_sql("PRAGMA query_only = ON")
            yield FotoSQL(con, self._sql, self._reloj, self._mapa, self._consumos, self._volver)

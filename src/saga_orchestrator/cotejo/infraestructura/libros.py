"""The tables behind the cotejo's ports: each snapshot is a read-only transaction."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.errores_de_base import traducir_errores
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import eventos
from aeropartners.seedwork.infraestructura.operacion.testigo import siguientes
from saga_orchestrator.aplicacion.espera import Paradero
from saga_orchestrator.cotejo.aplicacion.libros import (
    ABIERTAS,
    EXTRANOS,
    Enviado,
    Juicio,
    Marca,
    PaginaDeFlujos,
    PaginaDeSagas,
    PosicionDeCommit,
)
from saga_orchestrator.cotejo.dominio.hallazgo import FLUJO, LIBRO, SAGA, Hallazgo
from saga_orchestrator.cotejo.infraestructura import flujos, mensajes, sin_respuesta, tramos
from saga_orchestrator.cotejo.infraestructura.mapa import Mapa, Vista, Volver
from saga_orchestrator.cotejo.infraestructura.mensajes import PAGINA
from saga_orchestrator.cotejo.infraestructura.sagas import juzgar_sagas
from saga_orchestrator.infraestructura.almacen.tablas import saga_eventos

# Public event → the topic and subscription by which one of our consumers reads it.
Consumos = Mapping[str, tuple[str, str]]


class FotoSQL:
    """See the port `Foto`; valid inside the transaction that it was opened in."""

    def __init__(self, vista: Vista, consumos: Consumos) -> None:
        self._v = vista
        self._con, self._sql = vista.con, vista.sql
        self._consumos = consumos
        self.ahora = vista.ahora

    def primera(self, marca: Marca) -> datetime | None:
        lugares = ((saga_eventos, "fecha_creacion", marca.sagas), (eventos, "fecha", marca.flujos))
        momentos = [tramos.primera(self._con, self._sql, *lugar) for lugar in lugares]
        return min((m for m in momentos if m is not None), default=None)

    def sin_asentar(self) -> datetime | None:
        return tramos.sin_asentar(self._con, self._sql)

    def salida_desde(self) -> datetime | None:
        return mensajes.salida_desde(self._con)

    def ultimos(self) -> tuple[PosicionDeCommit, PosicionDeCommit]:
        uno, otro = (self._sql.ultima(self._con, t) for t in (saga_eventos, eventos))
        return (uno.tx, uno.posicion), (otro.tx, otro.posicion)

    def sagas(self, desde: PosicionDeCommit, limite: datetime) -> PaginaDeSagas | None:
        return tramos.de_sagas(self._con, self._sql, desde, limite, self._v.mapa.anunciados)

    def flujos(self, desde: PosicionDeCommit, limite: datetime) -> PaginaDeFlujos | None:
        return tramos.de_flujos(self._con, self._sql, desde, limite, self._consumos)

    def pagina(self, tipo: str, tras: str, limite: datetime) -> tuple[str, Sequence[str]]:
        if tipo == ABIERTAS:
            return sin_respuesta.abiertas(self._con, tras, limite)
        if tipo == EXTRANOS:
            return mensajes.extranos(self._v, tras)
        ids = siguientes(self._con, self._v.mapa.columnas[tipo], tras, PAGINA)
        return ids[-1] if len(ids) == PAGINA else "", ids

    def juzgar_sagas(self, ids: Collection[str]) -> Juicio:
        return juzgar_sagas(self._v, ids) if ids else Juicio([], 0, set())

    def juzgar(self, origen: str, ids: Collection[str]) -> list[Hallazgo]:
        if not ids or origen == SAGA:
            return self.juzgar_sagas(ids).hallazgos
        if origen.startswith(FLUJO):
            return flujos.juzgar_flujos(self._v, origen.removeprefix(FLUJO), ids)
        return flujos.juzgar_claves(self._v, origen.removeprefix(LIBRO), ids)

    def calladas(self, ids: Collection[str]) -> list[Hallazgo]:
        return sin_respuesta.calladas(self._v, ids) if ids else []

    def recibidos(self, desde: datetime, hasta: datetime) -> set[str]:
        return mensajes.recibidos(self._v, desde, hasta)

    def estan(self, enviados: Collection[Enviado]) -> set[str]:
        return {id for id, _ in mensajes.tratados(self._v, [e.id for e in enviados])} if enviados else set()

    def perdidos(self, enviados: Collection[Enviado]) -> list[Hallazgo]:
        return mensajes.perdidos(self._v, enviados)

    def ajenos(self, ids: Collection[str]) -> list[Hallazgo]:
        return mensajes.ajenos(self._v, ids) if ids else []

    def apartados(self, mensajes_: Collection[str], sagas: Collection[str]) -> Mapping[str, Paradero]:
        return mensajes.apartados(self._con, mensajes_, sagas)


class LibrosSQL:
    """See the port `Libros`."""

    def __init__(self, motor: Motor, reloj: Reloj, mapa: Mapa, consumos: Consumos, volver: Volver) -> None:
        self._motor = motor
        self._reloj = reloj
        self._sql = dialecto_de(motor)
        self._mapa = mapa
        self._consumos = consumos
        self._volver = volver
        self.tipos: Sequence[str] = tuple(mapa.columnas)

    @contextmanager
    def foto(self) -> Iterator[FotoSQL]:
        """Open a transaction in which the database refuses to write; raises ConexionPerdida."""
        with traducir_errores(), self._motor.lectura() as con:
            if self._motor.es_postgres:
                con = con.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                # Never scan whole tables here: plans cached while a table was empty do.
                for ajuste in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"):
                    con.exec_driver_sql(f"SET LOCAL {ajuste} = off")
            else:
                con.exec_driver_sql("PRAGMA query_only = ON")
            vista = Vista(con, self._sql, self._mapa, self._volver, self._sql.ahora(con, self._reloj))
            yield FotoSQL(vista, self._consumos)

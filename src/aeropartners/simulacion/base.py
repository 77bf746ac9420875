"""The database of a schedule: SQLite in memory with one connection, quickly emptied for the next schedule."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import StaticPool

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import (
    SIN_AJENAS,
    Apartado,
    Cambios,
    Conflicto,
    Identificadores,
    Reloj,
)
from aeropartners.seedwork.aplicacion.serializacion import Conocida
from aeropartners.seedwork.infraestructura import migraciones
from aeropartners.seedwork.infraestructura.almacen.almacen import Persistencia
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.base.errores_de_base import traducir_errores
from aeropartners.seedwork.infraestructura.base.motor import Motor

P = ParamSpec("P")
T = TypeVar("T")


class MotorEnMemoria(Motor):
    """An in-memory database for one thread and one transaction at a time, without file or lock.

    `al_escribir` is called before each writing transaction.
    """

    def __init__(self) -> None:
        self.url, self.es_postgres = "sqlite://", False
        self._base = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._base.execute("PRAGMA foreign_keys=ON")
        self._lectura = create_engine("sqlite://", creator=lambda: self._base, poolclass=StaticPool)
        event.listen(self._lectura, "begin", lambda con: con.exec_driver_sql("BEGIN IMMEDIATE"))
        migraciones.aplicar(self)
        self.al_escribir: Callable[[], None] = lambda: None
        self._vacia = sqlite3.connect(":memory:")
        self._base.backup(self._vacia)

    def crear(self) -> None:
        """Do nothing: there is no file to create."""

    @contextmanager
    def escritura(self) -> Iterator[Connection]:
        self.al_escribir()
        with traducir_errores(), self._lectura.connect() as conexion:
            yield conexion

    def vaciar(self) -> None:
        """Restore the state after the migrations."""
        if self._base.in_transaction:
            self._base.execute("ROLLBACK")
        self._vacia.backup(self._base)

    def sql(self, consulta: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._base.execute(consulta).fetchall()

    def cerrar(self) -> None:
        self._lectura.dispose()
        self._base.close()
        self._vacia.close()


class ObservadorDeTransacciones(Protocol):
    """Observes the transactions of a simulated process, and may end the process by raising."""

    def entre(self) -> Callable[[], None] | None:
        """Return a function that commits others' transactions between the next one's reads and writes.

        None when nothing happens between them.
        """

    def antes(self) -> None:
        """Called before a commit."""

    def despues(self, envios: Sequence[Envio]) -> None:
        """Called after a commit, with the messages of its outbox row."""

    def aparta(self, apartado: Apartado) -> None:
        """Called when the transaction sets a message aside."""


class UnidadSimulada(UnidadSQL):
    """A unit of work with PostgreSQL's concurrency, on a database that has one writer at a time.

    Before its first write, other transactions may commit: its own operations so far are rolled back, the
    others commit, and the operations are repeated. If a result differs, another transaction won: Conflicto.
    """

    def __init__(
        self,
        motor: Motor,
        persistencia: Persistencia,
        reloj: Reloj,
        ids: Identificadores,
        testigo: ObservadorDeTransacciones,
    ) -> None:
        super().__init__(motor, persistencia, reloj, ids)
        self._testigo = testigo
        self._hechas: list[tuple[Callable[[], object], object]] = []
        self._envios: Sequence[Envio] = ()

    def entradas_frescas(
        self, consumidor: str, ids: Sequence[UUID], ajenas: Mapping[UUID, UUID] = SIN_AJENAS, /
    ) -> set[UUID]:
        return self._anotar(super().entradas_frescas, consumidor, ids, ajenas)

    def vencidos(self, maximo: int, solo: Collection[UUID] = (), sin: Collection[UUID] = ()) -> list[UUID]:
        return self._anotar(super().vencidos, maximo, solo, sin)

    def apartado_vencido(self, consumidor: str, conocidas: Collection[Conocida]) -> Apartado | None:
        return self._anotar(super().apartado_vencido, consumidor, conocidas)

    def quitar_apartado(self, apartado: Apartado) -> bool:
        return self._anotar(super().quitar_apartado, apartado)

    def guardar(self, cambios: Cambios) -> UUID | None:
        if cambios.agregados and (otros := self._testigo.entre()):
            self._ceder(otros)
        self._envios = cambios.envios
        for apartado in cambios.apartados:
            self._testigo.aparta(apartado)
        return super().guardar(cambios)

    def commit(self) -> None:
        self._testigo.antes()
        super().commit()
        self._testigo.despues(self._envios)

    def _anotar(self, hacer: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        hecho = hacer(*args, **kwargs)
        self._hechas.append((partial(hacer, *args, **kwargs), hecho))
        return hecho

    def _ceder(self, otros: Callable[[], None]) -> None:
        self._con.rollback()
        otros()
        for hacer, antes in self._hechas:
            if hacer() != antes:
                raise Conflicto("otra transacción ganó")

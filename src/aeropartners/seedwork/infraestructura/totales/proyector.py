"""The projector: the loop that adds stored differences to the totals, and counts them again from events."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

import structlog
from sqlalchemy import ColumnElement, Connection, delete, select, update

from aeropartners.seedwork.aplicacion.puertos import Conflicto
from aeropartners.seedwork.infraestructura.base.dialecto import INICIO, Fila, Posicion
from aeropartners.seedwork.infraestructura.base.dialectos import dialecto_de
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import proyecciones, totales, totales_pendientes
from aeropartners.seedwork.infraestructura.totales.proyecciones import Proyeccion, sumar
from aeropartners.seedwork.infraestructura.totales.totales import ClaveDeTotal, Suma, Totales, sumar_cambios

log = structlog.get_logger(__name__)

VENTANA = 1_000
TODAS = sys.maxsize


class BaseRestaurada(Exception):
    """The database was restored into another server, whose transaction numbers mean something else."""


class Proyector:
    """Advances projections. One thread runs `una_ronda`; several processes may run a projector each.

    It counts only transactions older than the oldest one that still runs. So the totals are those of one
    moment, at which a rebuild can replace them.
    """

    def __init__(self, motor: Motor, suyas: Sequence[Proyeccion]) -> None:
        self._motor = motor
        self._sql = dialecto_de(motor)
        self._suyas = suyas

    def una_ronda(self) -> int:
        """Add the stored differences of each projection to its totals; return how many were added."""
        # Read without a lock first: most rounds find nothing, and taking a lock is a write.
        with self._motor.lectura() as con:
            contadas = set(con.execute(select(proyecciones.c.nombre).where(proyecciones.c.activa)).scalars())
            esperan = set(con.execute(select(totales_pendientes.c.proyeccion).distinct()).scalars())
        for proyeccion in self._suyas:
            if proyeccion.nombre not in contadas:
                self._estrenar(proyeccion)
        return sum(self._avanzar(p.nombre) for p in self._suyas if p.nombre in esperan)

    def reconstruir(self, proyeccion: Proyeccion, *, escribir: bool = True) -> Totales:
        """Count everything again beside the present totals, then replace them in one transaction.

        Return the errors of the present totals; without `escribir` they stay. After an interruption, run it
        again: it deletes the unfinished count.
        """
        nueva = self._empezar(proyeccion)
        while self._contar_ventana(proyeccion, nueva):
            pass
        with self._motor.escritura() as con:
            error = self._sustituir(con, proyeccion, nueva)
            if not escribir:
                con.rollback()
                _borrar(con, proyeccion.nombre, [nueva])
            con.commit()
        log.info("proyeccion_contada", proyeccion=proyeccion.nombre, generacion=nueva, errores=len(error))
        return error

    def _avanzar(self, nombre: str) -> int:
        with self._motor.escritura() as con:
            self._sql.sin_esperar_al_disco(con)  # a crash undoes totals and rows together
            activa = self._activa(con, nombre)
            return 0 if activa is None else self._sumar_pendientes(con, nombre, activa)

    def _estrenar(self, proyeccion: Proyeccion) -> None:
        """Count all events for the first time, in one transaction, so that totals are never partial."""
        # A conflict means that another process, started at the same time, does it.
        with suppress(Conflicto), self._motor.escritura() as con:
            self.recontar(con, proyeccion)
            con.commit()

    def _sumar_pendientes(self, con: Connection, nombre: str, activa: int) -> int:
        if self._sql.restaurada(con, totales_pendientes):
            raise BaseRestaurada(
                f"La base viene de otro servidor: ejecute `aeropartners proyecciones reconstruir {nombre}`"
            )
        filas = self._sql.pendientes(con, nombre, self._sql.asentado(con), VENTANA)
        if filas:
            sumar(con, self._sql, nombre, activa, sumar_cambios(cambios for _, cambios in filas))
            self._quitar_pendientes(con, filas)
            con.commit()
        return len(filas)

    def recontar(self, con: Connection, proyeccion: Proyeccion) -> None:
        """Count everything again inside a transaction that removed events."""
        self._sustituir(con, proyeccion, self._sembrar(con, proyeccion))

    def _empezar(self, proyeccion: Proyeccion) -> int:
        with self._motor.escritura() as con:
            nueva = self._sembrar(con, proyeccion)
            con.commit()
        return nueva

    def _sembrar(self, con: Connection, proyeccion: Proyeccion) -> int:
        """Create an empty generation beside the active one; delete what an interrupted count left."""
        nombre = proyeccion.nombre
        generaciones = self._posiciones(con, nombre)
        activa = max((g for g, (suya, _) in generaciones.items() if suya), default=0)
        for tabla in (proyeccion.tabla, totales_pendientes):
            if self._sql.restaurada(con, tabla):
                self._sql.rebasar(con, tabla)
        _borrar(con, nombre, [g for g in generaciones if g != activa])
        with self._sql.tanda(con) as tanda:
            tanda.anexar(proyecciones, [_fila(nombre, activa + 1, activa=False)])
        return activa + 1

    def _contar_ventana(self, proyeccion: Proyeccion, generacion: int) -> bool:
        with self._motor.escritura() as con:
            posiciones = self._posiciones(con, proyeccion.nombre, generacion)
            if generacion not in posiciones:
                raise Conflicto(f"{proyeccion.nombre}: otro proceso la reconstruye")
            desde = posiciones[generacion][1]
            hasta = self._contar(con, proyeccion, generacion, desde, self._sql.asentado(con))
            con.commit()
        return hasta is not None

    def _contar(
        self, con: Connection, proyeccion: Proyeccion, generacion: int, desde: Posicion, antes: int
    ) -> Posicion | None:
        """Count one window of events of transactions before `antes`; return its end, None without events."""
        hasta = self._sql.ventana(con, proyeccion.tabla, desde, VENTANA, antes)
        if hasta is not None:
            cambios = proyeccion.cambios(con, self._sql, desde, hasta)
            sumar(con, self._sql, proyeccion.nombre, generacion, cambios)
            suya = update(proyecciones).where(
                *_de(proyeccion.nombre), proyecciones.c.generacion == generacion
            )
            con.execute(suya.values(**hasta._asdict()))
        return hasta

    def _sustituir(self, con: Connection, proyeccion: Proyeccion, nueva: int) -> Totales:
        """Finish the count up to one moment, compare the active totals with it, and replace them."""
        nombre = proyeccion.nombre
        generaciones = self._posiciones(con, nombre)
        if nueva not in generaciones:
            raise Conflicto(f"{nombre}: otro proceso la reconstruye")
        antes = self._sql.asentado(con)
        desde: Posicion | None = generaciones[nueva][1]
        while desde is not None:
            desde = self._contar(con, proyeccion, nueva, desde, antes)
        filas = self._sql.pendientes(con, nombre, antes, TODAS)
        error = sumar_cambios(cambios for _, cambios in filas)
        for generacion, (suya, _) in generaciones.items():
            if suya or generacion == nueva:
                error.sumar(_guardados(con, nombre, generacion), -1 if generacion == nueva else 1)
        self._quitar_pendientes(con, filas)
        _borrar(con, nombre, [g for g in generaciones if g != nueva])
        con.execute(update(proyecciones).where(*_de(nombre)).values(activa=True))
        return {clave: valor for clave, valor in error.items() if valor}

    def _activa(self, con: Connection, nombre: str) -> int | None:
        """Lock and return the active generation; None when there is none or another process has it locked."""
        p = proyecciones.c
        consulta = select(p.generacion).where(*_de(nombre), p.activa).with_for_update(skip_locked=True)
        return con.execute(consulta).scalar()

    def _posiciones(
        self, con: Connection, nombre: str, solo: int | None = None
    ) -> Mapping[int, tuple[bool, Posicion]]:
        """Lock the generations, or only `solo`; return whether each is active and how far it was counted."""
        p = proyecciones.c
        consulta = select(p.generacion, p.activa, p.tx, p.posicion).where(*_de(nombre)).order_by(p.generacion)
        if solo is not None:
            consulta = consulta.where(p.generacion == solo)
        filas = con.execute(consulta.with_for_update())
        return {g: (activa, Posicion(tx, posicion)) for g, activa, tx, posicion in filas}

    def _quitar_pendientes(self, con: Connection, filas: Sequence[tuple[int, str]]) -> None:
        with self._sql.tanda(con) as tanda:
            tanda.borrar(totales_pendientes, [{"posicion": p} for p, _ in filas])


def _guardados(con: Connection, nombre: str, generacion: int) -> Suma:
    t = totales.c
    consulta = select(t.grupo, t.clave, t.medida, t.valor).where(
        t.proyeccion == nombre, t.generacion == generacion
    )
    return Suma({ClaveDeTotal(*fila[:3]): fila[3] for fila in con.execute(consulta)})


def _de(nombre: str) -> tuple[ColumnElement[bool], ...]:
    return (proyecciones.c.nombre == nombre,)


def _fila(nombre: str, generacion: int, *, activa: bool) -> Fila:
    return {"nombre": nombre, "generacion": generacion, "activa": activa, **INICIO._asdict()}


def _borrar(con: Connection, nombre: str, generaciones: Sequence[int]) -> None:
    for tabla, columna in ((totales, totales.c.proyeccion), (proyecciones, proyecciones.c.nombre)):
        con.execute(delete(tabla).where(columna == nombre, tabla.c.generacion.in_(generaciones)))

"""The projector: brings projections up to the newest settled event, and rebuilds them beside the old."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import structlog
from sqlalchemy import ColumnElement, Connection, delete, select, update

from aeropartners.seedwork.aplicacion.puertos import Conflicto
from aeropartners.seedwork.infraestructura.dialecto import INICIO, Fila, Posicion
from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.proyecciones import Proyeccion
from aeropartners.seedwork.infraestructura.tablas import proyecciones, totales
from aeropartners.seedwork.infraestructura.uow import dialecto_de

log = structlog.get_logger(__name__)

VENTANA = 1_000
CLAVES = ("proyeccion", "generacion", "grupo", "clave", "medida")


class BaseRestaurada(Exception):
    """The database was restored into another server: its positions mean nothing there."""


class Proyector:
    """Advances projections; one thread, driven by `una_ronda`. Several processes may run one each.

    It stops below the oldest transaction that still runs: a late commit is never skipped.
    """

    def __init__(self, motor: Motor, suyas: Sequence[Proyeccion]) -> None:
        self._motor = motor
        self._sql = dialecto_de(motor)
        self._suyas = suyas

    def una_ronda(self) -> int:
        """Apply one window to each projection, and to its rebuild if there is one; return how many."""
        return sum(self._avanzar(p, generacion) for p in self._suyas for generacion in self._atrasadas(p))

    def reconstruir(self, proyeccion: Proyeccion) -> None:
        """Count everything again beside the present totals, then take their place in one transaction.

        Run again after an interruption it throws the unfinished count away.
        """
        nueva = self._empezar(proyeccion)
        while self._avanzar(proyeccion, nueva):
            pass
        nombre = proyeccion.nombre
        with self._motor.escritura() as con:
            vieja = self._posiciones(con, nombre, esperar=True)
            while self._aplicar(con, proyeccion, nueva, vieja[nueva]):
                vieja = self._posiciones(con, nombre, esperar=True)
            _borrar(con, nombre, [g for g in vieja if g != nueva])
            con.execute(update(proyecciones).where(*_de(nombre, nueva)).values(activa=True))
            con.commit()
        log.info("proyeccion_reconstruida", proyeccion=nombre, generacion=nueva)

    def _atrasadas(self, proyeccion: Proyeccion) -> list[int]:
        with self._motor.lectura() as con:
            posiciones = self._posiciones(con, proyeccion.nombre)
            self._exigir_propia(con, proyeccion, posiciones)
            atrasadas = [g for g, desde in posiciones.items() if self._hay(con, proyeccion, desde)]
        if not posiciones:
            # Of two processes that start at once the other one may have made it.
            with suppress(Conflicto), self._motor.escritura() as con:
                self._sql.anexar(con, proyecciones, [_fila(proyeccion.nombre, 1, activa=True)])
                con.commit()
        return atrasadas

    def _empezar(self, proyeccion: Proyeccion) -> int:
        nombre = proyeccion.nombre
        with self._motor.escritura() as con:
            activas = select(proyecciones.c.generacion).where(
                proyecciones.c.nombre == nombre, proyecciones.c.activa
            )
            activa = con.execute(activas).scalar() or 0
            posiciones = self._posiciones(con, nombre, esperar=True)
            if any(self._sql.restaurada(con, desde) for desde in posiciones.values()):
                self._sql.rebasar(con, proyeccion.tabla)
            _borrar(con, nombre, [g for g in posiciones if g != activa])
            self._sql.anexar(con, proyecciones, [_fila(nombre, activa + 1, activa=False)])
            con.commit()
        return activa + 1

    def _avanzar(self, proyeccion: Proyeccion, generacion: int) -> int:
        with self._motor.escritura() as con:
            if self._motor.es_postgres:
                # Lost with its position, it is only counted again.
                con.exec_driver_sql("SET LOCAL synchronous_commit = off")
            posiciones = self._posiciones(con, proyeccion.nombre, generacion)
            hechas = sum(self._aplicar(con, proyeccion, g, desde) for g, desde in posiciones.items())
            con.commit()
        return hechas

    def _aplicar(self, con: Connection, proyeccion: Proyeccion, generacion: int, desde: Posicion) -> int:
        hasta = self._sql.ventana(con, proyeccion.tabla, desde, VENTANA, True)
        if hasta is None:
            return 0
        cambios = proyeccion.cambios(con, self._sql, desde, hasta)
        filas = [
            {
                "proyeccion": proyeccion.nombre,
                "generacion": generacion,
                **c._asdict(),
                "valor": valor,
            }
            for c, valor in sorted(cambios.items())
            if valor
        ]
        self._sql.sumar(con, totales, CLAVES, "valor", filas)
        con.execute(update(proyecciones).where(*_de(proyeccion.nombre, generacion)).values(**hasta._asdict()))
        return 1

    def _posiciones(
        self, con: Connection, nombre: str, solo: int | None = None, *, esperar: bool = False
    ) -> dict[int, Posicion]:
        """Return the position of each generation; `solo` locks one, and leaves it to whoever holds it."""
        p = proyecciones.c
        consulta = select(p.generacion, p.tx, p.posicion).where(p.nombre == nombre).order_by(p.generacion)
        if solo is not None:
            consulta = consulta.where(p.generacion == solo).with_for_update(skip_locked=True)
        elif esperar:
            consulta = consulta.with_for_update()
        return {g: Posicion(tx, posicion) for g, tx, posicion in con.execute(consulta)}

    def _hay(self, con: Connection, proyeccion: Proyeccion, desde: Posicion) -> bool:
        return self._sql.ventana(con, proyeccion.tabla, desde, 1, True) is not None

    def _exigir_propia(
        self, con: Connection, proyeccion: Proyeccion, posiciones: Mapping[int, Posicion]
    ) -> None:
        if any(self._sql.restaurada(con, desde) for desde in posiciones.values()):
            raise BaseRestaurada(
                f"La base viene de otro servidor: ejecute"
                f" `aeropartners proyecciones reconstruir {proyeccion.nombre}`"
            )


def reiniciar(con: Connection) -> None:
    """Let every projection count again: events were removed, and SQLite gives their rowids again."""
    con.execute(delete(totales))
    con.execute(update(proyecciones).values(**INICIO._asdict()))


def _de(nombre: str, generacion: int) -> tuple[ColumnElement[bool], ...]:
    return proyecciones.c.nombre == nombre, proyecciones.c.generacion == generacion


def _fila(nombre: str, generacion: int, *, activa: bool) -> Fila:
    return {"nombre": nombre, "generacion": generacion, "activa": activa, **INICIO._asdict()}


def _borrar(con: Connection, nombre: str, generaciones: Sequence[int]) -> None:
    con.execute(delete(totales).where(totales.c.proyeccion == nombre, totales.c.generacion.in_(generaciones)))
    con.execute(
        delete(proyecciones).where(
            proyecciones.c.nombre == nombre, proyecciones.c.generacion.in_(generaciones)
        )
    )

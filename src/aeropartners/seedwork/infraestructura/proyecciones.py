"""Projections by checkpoint: totals that follow the events in commit order, and their exact reading.

A total is a sum of what streams contribute, so it can be kept by differences: what a stream gives
now, less what it gave before. Position and effect are one transaction. A reader adds what was
committed since the position, so an answer is never older than the client's own write.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Connection, Table, Text, and_, cast, func, select, true

from aeropartners.seedwork.aplicacion.serializacion import Actualizador, Diccionario
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.infraestructura import tablas
from aeropartners.seedwork.infraestructura.dialecto import INICIO, SQL, Posicion
from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.tablas import eventos, proyecciones, salida
from aeropartners.seedwork.infraestructura.uow import dialecto_de

TODOS = ""
EVENTOS = "eventos"
COLA = 5_000


class Clave(NamedTuple):
    """Where an amount counts: a group to ask for, a key within it, and what is measured."""

    grupo: str
    clave: str
    medida: str


Totales = Mapping[Clave, Decimal]


class Suma(defaultdict[Clave, Decimal]):
    """Amounts that are added up; one that is not there is zero."""

    def __init__(self, totales: Totales | None = None) -> None:
        super().__init__(Decimal, totales or {})

    def sumar(self, otros: Totales, veces: int = 1) -> None:
        """Add others, or with -1 take them away."""
        for clave, valor in otros.items():
            self[clave] += veces * valor


class Proyeccion(Protocol):
    """Totals kept under one name, from the events of one table."""

    nombre: str
    tabla: Table

    def cambios(self, con: Connection, sql: SQL, desde: Posicion, hasta: Posicion) -> Totales:
        """Return what the events after `desde`, up to and with `hasta`, add to the totals."""


class TotalesDeFlujos:
    """Totals over one kind of stream: `aporte` says what a stream in its present state gives.

    It also counts the events by type, as (TODOS, type, EVENTOS). A stream is read from its first
    event whenever it changes: meant for streams of tens of events.
    """

    tabla = eventos

    def __init__(
        self,
        nombre: str,
        clase: type[Agregado],
        aporte: Callable[[Any], Totales],
        actualizadores: dict[tuple[str, int], Actualizador] | None = None,
    ) -> None:
        self.nombre = nombre
        self._clase = clase
        self._aporte = aporte
        self._diccionario = Diccionario(clase.eventos, actualizadores)

    def cambios(self, con: Connection, sql: SQL, desde: Posicion, hasta: Posicion) -> Totales:
        e = eventos.alias("e")
        tocados = (
            select(e.c.flujo, func.min(e.c.version).label("desde"), func.max(e.c.version).label("hasta"))
            .where(sql.tramo(desde, hasta), e.c.tipo_flujo == self._clase.tipo)
            .group_by(e.c.flujo)
            .subquery()
        )
        nuevo = (e.c.version >= tocados.c.desde).label("nuevo")
        # By versions, never by positions: a range of positions tempts the planner to read all of it.
        filas = con.execute(
            select(e.c.flujo, e.c.tipo, e.c.version_evento, cast(e.c.datos, Text), nuevo)
            .join(tocados, and_(tocados.c.flujo == e.c.flujo, e.c.version <= tocados.c.hasta))
            .order_by(e.c.flujo, e.c.version)
        ).all()
        cambios = Suma()
        for flujo, suyas in groupby(filas, key=lambda fila: fila[0]):
            self._sumar(flujo, list(suyas), cambios)
        return cambios

    def _sumar(self, flujo: UUID, filas: Sequence[Any], cambios: "Suma") -> None:
        agregado = self._clase(flujo)
        agregado.reproducir([self._evento(f) for f in filas if not f.nuevo])
        if agregado.existe:
            cambios.sumar(self._aporte(agregado), -1)
        agregado.reproducir([self._evento(f) for f in filas if f.nuevo])
        cambios.sumar(self._aporte(agregado))
        for fila in filas:
            cambios[Clave(TODOS, fila.tipo, EVENTOS)] += fila.nuevo

    def _evento(self, fila: Any) -> object:
        return self._diccionario.descifrar(fila.tipo, fila.version_evento, fila.datos)


class LecturaTotales:
    """Reads the totals of one projection as they are now."""

    def __init__(self, motor: Motor, proyeccion: Proyeccion) -> None:
        self._motor = motor
        self._sql = dialecto_de(motor)
        self._proyeccion = proyeccion

    def leer(self, grupo: str | None = None) -> dict[Clave, Decimal]:
        """Return the amounts that are not zero, of one group or of all.

        The position comes with the stored totals in one statement; what follows it, at most `COLA`
        events, is added. Only behind a projector that fell further back is the answer older.
        """
        with self._motor.lectura() as con:
            posicion, suma = self._guardados(con, grupo)
            hasta = self._sql.ventana(con, self._proyeccion.tabla, posicion, COLA, False)
            if hasta:
                suma.sumar(self._proyeccion.cambios(con, self._sql, posicion, hasta))
        return {c: valor for c, valor in suma.items() if valor and grupo in (None, c.grupo)}

    def _guardados(self, con: Connection, grupo: str | None) -> tuple[Posicion, "Suma"]:
        p, t = proyecciones.c, tablas.totales.c
        del_grupo = true() if grupo is None else t.grupo == grupo
        suyos = and_(t.proyeccion == p.nombre, t.generacion == p.generacion, del_grupo)
        filas = con.execute(
            select(p.tx, p.posicion, t.grupo, t.clave, t.medida, t.valor)
            .select_from(proyecciones.outerjoin(tablas.totales, suyos))
            .where(p.nombre == self._proyeccion.nombre, p.activa)
        ).all()
        suma = Suma({Clave(*f[2:5]): f.valor for f in filas if f.valor is not None})
        return (Posicion(*filas[0][:2]) if filas else INICIO), suma

    def publicacion(self, tipos: Sequence[str]) -> dict[str, Any]:
        """Return how many events of these types there are, and how many wait in the outbox."""
        leidos = self.leer(TODOS)
        por_tipo = {t: int(n) for t in tipos if (n := leidos.get(Clave(TODOS, t, EVENTOS)))}
        with self._motor.lectura() as con:
            pendientes = con.execute(
                select(func.count())
                .select_from(salida.join(eventos, eventos.c.lote == salida.c.lote))
                .where(eventos.c.tipo.in_(tipos))
            ).scalar_one()
        total = sum(por_tipo.values())
        pendientes = min(pendientes, total)
        return {
            "total_eventos": total,
            "eventos_procesados": total - pendientes,
            "eventos_pendientes": pendientes,
            "distribucion_por_tipo": por_tipo,
        }

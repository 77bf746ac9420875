"""Projections: exact totals over streams, updated by differences and countable again from the events.

A total is the sum of what the streams contribute. It changes by differences: the contribution of a stream
now, less its contribution before. A transaction stores its difference beside its events; the projector adds
the stored differences to the totals. A reader adds those that still wait, so an answer always includes the
client's own write.

What removed streams had contributed may be kept apart (`guardar_retirado`), for counters that never fall: no
event tells it any more, so no recount touches it.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Table,
    Text,
    and_,
    cast,
    func,
    literal,
    null,
    select,
    true,
    union_all,
)

from aeropartners.seedwork.aplicacion.serializacion import Actualizador, Diccionario
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.evento import nombre_de
from aeropartners.seedwork.infraestructura.base import tablas
from aeropartners.seedwork.infraestructura.base.dialecto import SQL, Posicion
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import (
    eventos,
    proyecciones,
    salida,
    totales_pendientes,
)
from aeropartners.seedwork.infraestructura.base.tipos import Monto
from aeropartners.seedwork.infraestructura.totales.totales import (
    EVENTOS,
    TODOS,
    UNO,
    Aportes,
    ClaveDeTotal,
    Suma,
    Totales,
    sumar_cambios,
)

CLAVES = ("proyeccion", "generacion", "grupo", "clave", "medida")
SIN_RECUENTO = 0


class Proyeccion(Aportes, Protocol):
    """Totals kept under one name, computed from the events of one table."""

    tabla: Table

    def cambios(self, con: Connection, sql: SQL, desde: Posicion, hasta: Posicion) -> Totales:
        """Return what the events after `desde`, up to and with `hasta`, add; used to count all again."""


class TotalesDeFlujos:
    """Totals over one kind of stream: `aporte` returns what a stream in its present state contributes.

    Events are counted by type as well, under (TODOS, type, EVENTOS). To count all again, a stream is read
    from its first event for every window in which it has events: meant for streams of tens of events.
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
        self._de_tipo = {e: ClaveDeTotal(TODOS, nombre_de(e)[0], EVENTOS) for e in clase.eventos}
        self._diccionario = Diccionario(clase.eventos, actualizadores)

    def aporte(self, agregado: Any) -> Totales:
        return self._aporte(agregado) if isinstance(agregado, self._clase) else {}

    def por_evento(self, _agregado: Any, evento: Any) -> ClaveDeTotal | None:
        return self._de_tipo.get(type(evento))

    def cambios(self, con: Connection, sql: SQL, desde: Posicion, hasta: Posicion) -> Totales:
        e = eventos.alias("e")
        tocados = (
            select(e.c.flujo, func.min(e.c.version).label("desde"), func.max(e.c.version).label("hasta"))
            .where(sql.tramo(desde, hasta), e.c.tipo_flujo == self._clase.tipo)
            .group_by(e.c.flujo)
            .subquery()
        )
        nuevo = (e.c.version >= tocados.c.desde).label("nuevo")
        # Joined by versions, not by positions: a range of positions leads the planner to read all of it.
        filas = con.execute(
            select(e.c.flujo, e.c.tipo, e.c.version_evento, cast(e.c.datos, Text), nuevo)
            .join(tocados, and_(tocados.c.flujo == e.c.flujo, e.c.version <= tocados.c.hasta))
            .order_by(e.c.flujo, e.c.version)
        ).all()
        cambios = Suma()
        for flujo, suyas in groupby(filas, key=lambda fila: fila[0]):
            self._sumar(flujo, list(suyas), cambios)
        return cambios

    def _sumar(self, flujo: UUID, filas: Sequence[Any], cambios: Suma) -> None:
        agregado = self._clase(flujo)
        agregado.reproducir([self._evento(f) for f in filas if not f.nuevo])
        if agregado.existe:
            cambios.sumar(self._aporte(agregado), -1)
        agregado.reproducir([self._evento(f) for f in filas if f.nuevo])
        cambios.sumar(self._aporte(agregado))
        for fila in filas:
            if fila.nuevo:
                cambios[ClaveDeTotal(TODOS, fila.tipo, EVENTOS)] += UNO

    def _evento(self, fila: Any) -> object:
        return self._diccionario.descifrar(fila.tipo, fila.version_evento, fila.datos)


class LecturaTotales:
    """Reads the present totals of one projection."""

    def __init__(self, motor: Motor, proyeccion: Proyeccion) -> None:
        self._motor = motor
        self._proyeccion = proyeccion

    def leer(self, grupo: str | None = None) -> dict[ClaveDeTotal, Decimal]:
        """Return the amounts that are not zero, of one group or of all."""
        presentes, _ = self._leer(grupo)
        return {c: valor for c, valor in presentes.items() if valor and grupo in (None, c.grupo)}

    def leer_con_retirados(self) -> tuple[Suma, Suma]:
        """Return the present amounts, and those that removed streams had contributed, of one moment."""
        return self._leer(None)

    def _leer(self, grupo: str | None) -> tuple[Suma, Suma]:
        """Read all in one statement, so that no difference and no removal is missed or counted twice."""
        with self._motor.lectura() as con:
            filas = con.execute(self._consulta(grupo)).all()
        presentes, retirados = sumar_cambios(f.cambios for f in filas if f.cambios is not None), Suma()
        for f in filas:
            if f.cambios is None:
                suma = presentes if f.proyeccion == self._proyeccion.nombre else retirados
                suma[ClaveDeTotal(f.grupo, f.clave, f.medida)] += f.valor
        return presentes, retirados

    def _consulta(self, grupo: str | None) -> CompoundSelect[Any]:
        p, t, w = proyecciones.c, tablas.totales.c, totales_pendientes.c
        nombre = self._proyeccion.nombre
        activa = and_(t.proyeccion == p.nombre, t.generacion == p.generacion, p.activa)
        guardados = select(
            t.proyeccion, t.grupo, t.clave, t.medida, t.valor, cast(null(), Text).label("cambios")
        ).where(true() if grupo is None else t.grupo == grupo)
        vacio = literal("")
        esperan = select(w.proyeccion, vacio, vacio, vacio, literal(Decimal(0), Monto), w.cambios)
        return union_all(
            guardados.join(proyecciones, activa).where(t.proyeccion == nombre),
            guardados.where(t.proyeccion == _de_retirados(nombre), t.generacion == SIN_RECUENTO),
            esperan.where(w.proyeccion == nombre),
        )

    def publicacion(self, tipos: Sequence[str]) -> dict[str, Any]:
        """Return how many events of these types exist, and how many of them wait in the outbox."""
        leidos = self.leer(TODOS)
        por_tipo = {t: int(n) for t in tipos if (n := leidos.get(ClaveDeTotal(TODOS, t, EVENTOS)))}
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


def guardar_retirado(con: Connection, sql: SQL, proyeccion: Proyeccion, dado: Totales) -> None:
    """Keep what streams had contributed, in the transaction that removes them."""
    sumar(con, sql, _de_retirados(proyeccion.nombre), SIN_RECUENTO, dado)


def sumar(con: Connection, sql: SQL, nombre: str, generacion: int, suma: Totales) -> None:
    """Add these amounts to the stored totals of one generation."""
    filas = [
        {"proyeccion": nombre, "generacion": generacion, **clave._asdict(), "valor": valor}
        for clave, valor in sorted(suma.items())
        if valor
    ]
    with sql.tanda(con) as tanda:
        tanda.sumar(tablas.totales, CLAVES, "valor", filas)


def _de_retirados(nombre: str) -> str:
    return f"{nombre}.retirados"

"""The event store: loads streams from their events, and appends events with the expected version."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Table

from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.serializacion import Actualizador, Conocida, Diccionario, codificar
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.evento import nombre_de
from aeropartners.seedwork.infraestructura.almacen.instantaneas import Instantaneas
from aeropartners.seedwork.infraestructura.base import tablas
from aeropartners.seedwork.infraestructura.base.dialecto import SQL, Fila, Plazos, Tanda
from aeropartners.seedwork.infraestructura.totales.totales import Aportes

Consulta = Callable[[Connection, Collection[str]], Mapping[str, Sequence[UUID]]]


@dataclass(frozen=True, slots=True)
class Lectura:
    """A read table that is written with the events: one row for each stream, from its last state.

    `fila` returns the row with the column `id` and without `version`, or None for a stream that has no row (a
    compensation that came before its command).
    """

    tabla: Table
    fila: Callable[[Any], Fila | None]


class Persistencia(Protocol):
    """How the streams of one module are stored; the unit of work calls it inside its transaction.

    `disputadas` are the read tables of streams that many messages change at once: their rows are locked, one
    table after the other and each in the order of its ids, before streams are loaded. So writers wait for
    each other in place of losing to each other, and never in a circle.
    """

    consultas: Mapping[str, Consulta]
    plazos: Plazos | None
    aportes: Aportes | None
    disputadas: Sequence[Table]

    @property
    def conocidas(self) -> frozenset[Conocida]:
        """The stored types that this process can read, by name and version."""

    def cargar(self, con: Connection, sql: SQL, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        """Return the streams that exist; raises VersionDesconocida if another release wrote one of them."""

    def actualizar(self, tanda: Tanda, agregados: Sequence[Agregado]) -> None:
        """Update the state rows of streams that were loaded; raises Conflicto if a version has changed."""

    def anexar(
        self, tanda: Tanda, agregados: Sequence[Agregado], nuevos: Sequence[Registrado], rafaga_id: UUID
    ) -> None:
        """Insert the events, and the state rows of new streams; raises Conflicto if a version exists."""


class FlujoAjeno(Agregado):
    """A stream of a type that the module does not have; a handler that asks for it gets an error."""

    tipo = "ajeno"
    eventos = ()

    def aplicar(self, _evento: object) -> None:
        """Do nothing: the events belong to another module."""


class AlmacenEventos:
    """Stores event-sourced streams in the table `eventos`, and their rows in the read tables."""

    def __init__(
        self,
        clases: Sequence[type[Agregado]],
        lecturas: Mapping[type[Agregado], Lectura],
        consultas: Mapping[str, Consulta] | None = None,
        actualizadores: dict[tuple[str, int], Actualizador] | None = None,
        aportes: Aportes | None = None,
        plazos: Plazos | None = None,
        disputadas: Sequence[Table] = (),
    ) -> None:
        self.aportes = aportes
        self.plazos = plazos
        self.disputadas = disputadas
        self._clases = {c.tipo: c for c in clases}
        self.lecturas = lecturas
        self.consultas = consultas or {}
        self._diccionario = Diccionario((e for c in clases for e in c.eventos), actualizadores)
        self.conocidas = self._diccionario.conocidas
        self._instantaneas = Instantaneas(clases)

    def cargar(self, con: Connection, sql: SQL, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        """Replay the events of each stream that exists, from its snapshot if there is one."""
        agregados = self._instantaneas.cargar(con, sql, ids)
        desde = {id: agregados[id].version if id in agregados else 0 for id in ids}
        for flujo, filas in groupby(sql.flujos(con, desde), key=lambda fila: fila[0]):
            eventos = list(filas)
            id, clase = UUID(flujo), self._clases.get(eventos[0][1])
            if clase is None:
                agregados[id] = FlujoAjeno(id)
                continue
            agregado = agregados.setdefault(id, clase(id))
            agregado.reproducir(
                [self._diccionario.descifrar(tipo, v, datos) for _, _, tipo, v, datos in eventos]
            )
        return agregados

    def actualizar(self, tanda: Tanda, agregados: Sequence[Agregado]) -> None:
        """Update the read rows of streams that were loaded; raises Conflicto if a version has changed."""
        for lectura, filas in self._filas([a for a in agregados if a.version_inicial > 0]):
            tanda.actualizar(lectura.tabla, ("id", "version=version_previa"), filas)

    def anexar(
        self, tanda: Tanda, agregados: Sequence[Agregado], nuevos: Sequence[Registrado], rafaga_id: UUID
    ) -> None:
        """Insert events, rows of new streams and snapshots; the key (flujo, version) detects conflicts."""
        tanda.anexar(tablas.eventos, [_fila_evento(r, rafaga_id) for r in nuevos])
        for lectura, filas in self._filas([a for a in agregados if a.version_inicial == 0]):
            tanda.anexar(
                lectura.tabla, [{k: v for k, v in f.items() if k != "version_previa"} for f in filas]
            )
        self._instantaneas.guardar(tanda, agregados)

    def _filas(self, agregados: Sequence[Agregado]) -> list[tuple[Lectura, list[Fila]]]:
        por_lectura = []
        for clase, lectura in self.lecturas.items():
            filas = [
                {**fila, "version": a.version, "version_previa": a.version_inicial}
                for a in sorted(agregados, key=lambda a: a.id)
                if type(a) is clase and (fila := lectura.fila(a)) is not None
            ]
            if filas:
                por_lectura.append((lectura, filas))
        return por_lectura


def _fila_evento(registrado: Registrado, rafaga_id: UUID) -> Fila:
    tipo, version_evento = nombre_de(type(registrado.evento))
    return {
        "flujo": registrado.flujo,
        "version": registrado.version,
        "tipo_flujo": registrado.tipo_flujo,
        "tipo": tipo,
        "version_evento": version_evento,
        "datos": msgspec.Raw(codificar(registrado.evento)),
        "saga_id": registrado.sobre.saga_id,
        "correlacion_id": registrado.sobre.correlacion_id,
        "causa_id": registrado.sobre.id,
        "fecha": registrado.fecha,
        "lote": rafaga_id,
        "id": registrado.id,
    }

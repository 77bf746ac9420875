"""Snapshots of aggregates, written in the transaction of their events."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.instantanea import ConInstantaneas
from aeropartners.seedwork.infraestructura.base import tablas
from aeropartners.seedwork.infraestructura.base.dialecto import SQL, Fila, Tanda

CADA = 100
COLUMNAS = ("id", "forma", "version", "tipo_flujo", "datos")


class Instantaneas:
    """The stored state of each stream that passed CADA events; only of ConInstantaneas aggregates."""

    def __init__(self, clases: Sequence[type[Agregado]]) -> None:
        self._clases = {c.tipo: c for c in clases if issubclass(c, ConInstantaneas)}

    def cargar(self, con: Connection, sql: SQL, ids: Collection[UUID]) -> dict[UUID, Agregado]:
        """Return the streams that have a snapshot of the present form, at the snapshot's version."""
        agregados: dict[UUID, Agregado] = {}
        if not self._clases:
            return agregados
        for id, forma, version, tipo, datos in sql.filas_por_id(con, "instantaneas", COLUMNAS, ids):
            clase = self._clases.get(tipo)
            if clase is not None and clase.forma == int(forma):
                agregado = clase(UUID(id))
                agregado.continuar(msgspec.json.decode(datos, type=clase.memento), int(version))
                agregados[agregado.id] = agregado
        return agregados

    def guardar(self, tanda: Tanda, agregados: Sequence[Agregado]) -> None:
        """Store the state of the streams that passed a multiple of CADA events in this transaction.

        The key (flujo, version) of their events detects concurrent writes.
        """
        filas = [_fila(a) for a in agregados if isinstance(a, ConInstantaneas) and _toca(a)]
        tanda.borrar(tablas.instantaneas, [{"id": f["id"]} for f in filas])
        tanda.anexar(tablas.instantaneas, filas)


def _toca(agregado: Agregado) -> bool:
    return agregado.version // CADA > agregado.version_inicial // CADA


def _fila(agregado: ConInstantaneas) -> Fila:
    return {
        "id": agregado.id,
        "tipo_flujo": agregado.tipo,
        "version": agregado.version,
        "forma": agregado.forma,
        "datos": msgspec.Raw(codificar(agregado.recordar())),
    }

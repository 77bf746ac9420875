"""How a variant of stock is stored: its two read tables, the query of a reservation's stock, its timers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy import JSON, BigInteger, Column, Connection, MetaData, String, Table, select

from aeropartners.modulos.inventario.aplicacion.comandos import DE_RESERVA
from aeropartners.modulos.inventario.dominio.existencia import Existencia
from aeropartners.modulos.inventario.dominio.reserva import Estado, Reserva
from aeropartners.seedwork.aplicacion.serializacion import codificar
from aeropartners.seedwork.infraestructura.almacen.almacen import AlmacenEventos, Lectura
from aeropartners.seedwork.infraestructura.base.dialecto import Fila, Plazos
from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento


@dataclass(frozen=True, slots=True)
class Tablas:
    """The read tables of one variant, `<prefix>_existencias` and `<prefix>_reservas`."""

    existencias: Table
    reservas: Table


def tablas(prefijo: str, metadatos: MetaData) -> Tablas:
    """Return the tables of the variant with this prefix."""
    existencias = Table(
        f"{prefijo}_existencias",
        metadatos,
        Column("id", Id, primary_key=True),
        Column("producto", String(100)),
        Column("stock", BigInteger),
        Column("reservado", BigInteger),
        Column("version", BigInteger),
    )
    reservas = Table(
        f"{prefijo}_reservas",
        metadatos,
        Column("id", Id, primary_key=True),
        Column("referencia", String(100)),
        Column("estado", String(20)),
        Column("partidas", JSON),
        Column("expira_en", Momento),
        Column("revisar_en", Momento),
        Column("version", BigInteger),
    )
    return Tablas(existencias, reservas)


def persistencia(existencia: type[Existencia], reserva: type[Reserva], suyas: Tablas) -> AlmacenEventos:
    """Return the store of one variant. Stock is locked before reservations, by whoever changes either."""

    def de_reserva(con: Connection, ids: Collection[str]) -> Mapping[str, Sequence[UUID]]:
        t = suyas.reservas.c
        filas = con.execute(select(t.id, t.partidas).where(t.id.in_([UUID(id) for id in ids])))
        return {str(id): [UUID(a["existencia"]) for a in partidas] for id, partidas in filas}

    return AlmacenEventos(
        (existencia, reserva),
        {
            existencia: Lectura(suyas.existencias, _fila_de_existencia),
            reserva: Lectura(suyas.reservas, _fila_de_reserva),
        },
        consultas={DE_RESERVA: de_reserva},
        plazos=Plazos(suyas.reservas.name),
        disputadas=(suyas.existencias, suyas.reservas),
    )


def _fila_de_existencia(e: Existencia) -> Fila:
    return {"id": e.id, "producto": e.producto, "stock": e.total, "reservado": e.reservado}


def _fila_de_reserva(r: Reserva) -> Fila | None:
    """A mark of a release that came first has no row."""
    if r.estado is Estado.ANULADA or r.estado is None:
        return None
    return {
        "id": r.id,
        "referencia": r.referencia,
        "estado": str(r.estado),
        "partidas": msgspec.Raw(codificar(r.partidas)),
        "expira_en": r.expira_en,
        "revisar_en": r.expira_en if r.estado is Estado.ACTIVA else None,
    }

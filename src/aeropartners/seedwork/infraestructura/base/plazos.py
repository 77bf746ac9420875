"""Deadlines that begin when a message leaves: a burst that waited long is nobody's silence."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import Connection, select

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.serializacion import descifrar_rafaga, descifrar_sobre
from aeropartners.seedwork.infraestructura.base.dialecto import SQL
from aeropartners.seedwork.infraestructura.base.tablas import salida

EDAD = timedelta(seconds=5)
ENTERAS: Mapping[UUID, Sequence[Envio]] = MappingProxyType({})


def al_salir(
    con: Connection,
    sql: SQL,
    tabla: str,
    rafagas_ids: Collection[UUID],
    ahora: datetime,
    partes: Mapping[UUID, Sequence[Envio]] = ENTERAS,
) -> None:
    """Have the deadlines of the streams that these bursts are about run from now, where they waited.

    Called in the transaction that takes them out of the outbox, before it does; `partes`: what of a burst
    leaves, when it is not all of it. Nothing is written for a young burst.
    """
    viejas = select(salida).where(salida.c.lote.in_(rafagas_ids), salida.c.creado < ahora - EDAD)
    filas = con.execute(viejas).all()
    envios = (e for f in filas for e in partes.get(f.lote) or descifrar_rafaga(bytes(f.cuerpo)))
    nombres = {nombre for envio in envios for nombre in flujos_de(envio)}
    if flujos := sorted(id for nombre in nombres if (id := _id(nombre))):
        sql.aplazar(con, tabla, flujos, ahora)


def flujos_de(envio: Envio) -> set[str]:
    """Return which streams a message is about: its key, and the one that it was sent for."""
    if envio.propiedades is not None:
        return {envio.clave}
    return {envio.clave, str(descifrar_sobre(bytes(envio.cuerpo)).saga_id)}


def _id(clave: str) -> UUID | None:
    """A key may be a name that a contract chose."""
    try:
        return UUID(clave)
    except ValueError:
        return None

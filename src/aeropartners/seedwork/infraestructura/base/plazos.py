"""Deadlines run from when a command leaves the outbox: time waited there is not the participant's."""

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
    """Have deadlines run from `ahora` for the streams that these bursts concern, if the bursts waited.

    Call it in the transaction that removes the bursts from the outbox, before they are removed. `partes`
    gives the messages that leave, where a burst leaves in part. Nothing is written for a burst younger than
    EDAD.
    """
    viejas = select(salida).where(salida.c.lote.in_(rafagas_ids), salida.c.creado < ahora - EDAD)
    filas = con.execute(viejas).all()
    envios = (e for f in filas for e in partes.get(f.lote) or descifrar_rafaga(bytes(f.cuerpo)))
    nombres = {nombre for envio in envios for nombre in flujos_de(envio)}
    if flujos := sorted(id for nombre in nombres if (id := _id(nombre))):
        sql.aplazar(con, tabla, flujos, ahora)


def flujos_de(envio: Envio) -> set[str]:
    """Return the ids of the streams that a message concerns: its partition key and its saga."""
    if envio.propiedades is not None:
        return {envio.clave}
    return {envio.clave, str(descifrar_sobre(bytes(envio.cuerpo)).saga_id)}


def _id(clave: str) -> UUID | None:
    """Return the key as an id; None for a key that is another name of a contract."""
    try:
        return UUID(clave)
    except ValueError:
        return None

"""Finds dead letters: one by its id, or the reason why it is not dead; and those that match a filter."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from aeropartners.seedwork.aplicacion.auditoria import Anotacion
from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.aplicacion.salida import SIN_SALIDA
from aeropartners.seedwork.aplicacion.serializacion import (
    NoDescifrable,
    descifrar_rafaga,
    descifrar_sobre,
)
from aeropartners.seedwork.dominio.errores import ErrorDeDominio, NoEncontrado
from aeropartners.seedwork.infraestructura.almacen.auditoria import de_mensaje
from aeropartners.seedwork.infraestructura.base.tablas import muertos, reintentos
from aeropartners.seedwork.infraestructura.base.tipos import texto_utc

REENCOLAR, DESCARTAR = "reencolar", "descartar"
ORDENES = (REENCOLAR, DESCARTAR)
PAGINA = 200


class OrdenDeMuertoRechazada(ErrorDeDominio):
    """The order cannot be applied to this dead letter; the message says what to do instead."""

    codigo = "CONFLICTO_DE_ESTADO"


@dataclass(frozen=True, slots=True)
class Muerto:
    """One dead letter.

    `sobre` is its envelope, if it is an internal message. `envio` is the message to send again, if it is a
    public message that a topic refused.
    """

    consumidor: str
    id: UUID
    tema: str
    cuerpo: bytes
    intentos: int
    error: str
    fecha: datetime
    sobre: Sobre | None
    envio: Envio | None = None

    @property
    def objeto(self) -> str:
        """Its name in the audit: consumer and id."""
        return f"{self.consumidor}/{self.id}"

    @property
    def tipo(self) -> str | None:
        """The message's type by its envelope or its properties; None if neither tells."""
        if self.sobre:
            return self.sobre.tipo
        return self._dicho("event_type")

    @property
    def saga_id(self) -> UUID | None:
        """The saga that the message belongs to; None if there is none."""
        if self.sobre:
            return self.sobre.saga_id
        with suppress(ValueError):
            return UUID(self._dicho("saga_id") or "")
        return None

    def _dicho(self, propiedad: str) -> str | None:
        return ((self.envio and self.envio.propiedades) or {}).get(propiedad)


@dataclass(frozen=True, slots=True)
class Prevista:
    """What an order would do to a dead letter: its destination, or the reason for a refusal."""

    id: UUID
    muerto: Muerto | None
    rechazo: str
    destino: str = ""


@dataclass(frozen=True, slots=True)
class Filtro:
    """Which dead letters to find; a field without a value matches all."""

    id: UUID | None = None
    consumidor: str | None = None
    tipo: str | None = None
    saga_id: UUID | None = None
    desde: datetime | None = None
    hasta: datetime | None = None

    @property
    def condiciones(self) -> list[ColumnElement[bool]]:
        """The conditions that SQL can check; `cumple` checks the rest."""
        condiciones: list[ColumnElement[bool]] = []
        if self.consumidor:
            condiciones.append(muertos.c.consumidor == self.consumidor)
        if self.desde:
            condiciones.append(muertos.c.fecha >= self.desde)
        if self.hasta:
            condiciones.append(muertos.c.fecha <= self.hasta)
        return condiciones

    def cumple(self, muerto: Muerto) -> bool:
        """Whether type and saga match.

        A dead letter without a type matches no filter by type; so for sagas.
        """
        tipo, saga_id = muerto.tipo, muerto.saga_id
        return self.tipo in (None, tipo) and self.saga_id in (None, saga_id)


def filtrar(con: Connection, filtro: Filtro) -> Iterator[Muerto]:
    """Yield the matching dead letters, oldest first, read page by page."""
    m = muertos.c
    orden = (m.fecha, m.id, m.consumidor)
    condiciones = filtro.condiciones
    while True:
        filas = con.execute(select(muertos).where(*condiciones).order_by(*orden).limit(PAGINA)).all()
        yield from (muerto for muerto in map(de_fila, filas) if filtro.cumple(muerto))
        if len(filas) < PAGINA:
            return
        u = filas[-1]
        mismo_id = and_(m.fecha == u.fecha, m.id == u.id, m.consumidor > u.consumidor)
        siguiente = or_(m.fecha > u.fecha, and_(m.fecha == u.fecha, m.id > u.id), mismo_id)
        condiciones = [*filtro.condiciones, siguiente]


def buscar(con: Connection, id: UUID, consumidor: str | None) -> Muerto:
    """Return the dead letter.

    Raises NoEncontrado if there is no trace of the message. Raises OrdenDeMuertoRechazada, saying where the
    message is now, if it waits for a try, was sent back or discarded, or is dead in several consumers.
    """
    filas = con.execute(select(muertos).where(_de(muertos, id, consumidor))).all()
    if len(filas) == 1:
        return de_fila(filas[0])
    if filas:
        nombres = ", ".join(sorted(f.consumidor for f in filas))
        raise OrdenDeMuertoRechazada(
            f"El mensaje está muerto en varios consumidores ({nombres}): diga en cuál"
        )
    espera = con.execute(select(reintentos).where(_de(reintentos, id, consumidor))).first()
    if espera:
        raise OrdenDeMuertoRechazada(
            f"El mensaje no está muerto: {espera.consumidor} lo volverá a tratar a las"
            f" {espera.proximo:%H:%M:%S} UTC; espere a ese intento"
        )
    if ordenes := _ordenes(con, id, consumidor):
        raise OrdenDeMuertoRechazada(_ya_atendido(ordenes[-1]))
    raise NoEncontrado(f"El mensaje {id} no está entre los muertos")


def _ya_atendido(ultima: Anotacion) -> str:
    hora = f"{ultima.momento:%H:%M:%S} UTC ({ultima.firma.motivo})"
    if ultima.firma.operacion == f"muertos.{DESCARTAR}":
        return (
            f"El mensaje ya no está muerto: {ultima.quien} lo descartó a las {hora};"
            " `aeropartners muertos ver` lo muestra; si hacía falta, pida a quien lo emitió que lo repita"
        )
    return (
        f"El mensaje ya no está muerto: {ultima.quien} lo reencoló a las {hora};"
        " si vuelve a fallar aparecerá aquí otra vez"
    )


def descartado(con: Connection, id: UUID, consumidor: str | None) -> Anotacion | None:
    """Return the audited order that discarded the message, if it is the last order about it."""
    ordenes = _ordenes(con, id, consumidor)
    return ordenes[-1] if ordenes and ordenes[-1].firma.operacion == f"muertos.{DESCARTAR}" else None


def datos_para_conservar(m: Muerto, *, con_cuerpo: bool) -> dict[str, Any]:
    """Return what the audit keeps of a dead letter; `con_cuerpo`: all of it, because its row is deleted."""
    datos = {"tema": m.tema, "intentos": m.intentos, "error": m.error}
    if not con_cuerpo:
        return datos
    return datos | {"fecha": texto_utc(m.fecha), "cuerpo_base64": b64encode(m.cuerpo).decode()}


def conservado(a: Anotacion) -> Muerto:
    """Return the discarded dead letter as the audit kept it."""
    consumidor, _, id = a.firma.recurso.rpartition("/")
    d, cuerpo = a.detalle, b64decode(a.detalle["cuerpo_base64"])
    fecha = datetime.fromisoformat(d["fecha"])
    return Muerto(consumidor, UUID(id), d["tema"], cuerpo, d["intentos"], d["error"], fecha, _sobre(cuerpo))


def suyo(tabla: Any, muerto: Muerto) -> ColumnElement[bool]:
    """Return the condition on the rows of a table (`muertos`, `entrada`…) that belong to this message."""
    return _de(tabla, muerto.id, muerto.consumidor)


def de_fila(fila: Row[Any]) -> Muerto:
    """Return the dead letter of a row of `muertos`."""
    cuerpo = bytes(fila.cuerpo)
    envio = _envio(cuerpo) if fila.consumidor == SIN_SALIDA else None
    return Muerto(
        fila.consumidor,
        fila.id,
        fila.tema,
        bytes(envio.cuerpo) if envio else cuerpo,
        fila.intentos,
        fila.error,
        fila.fecha,
        _sobre(cuerpo),
        envio,
    )


def _ordenes(con: Connection, id: UUID, consumidor: str | None) -> list[Anotacion]:
    return [a for a in de_mensaje(con, id) if consumidor is None or a.firma.recurso == f"{consumidor}/{id}"]


def _de(tabla: Any, id: UUID, consumidor: str | None) -> ColumnElement[bool]:
    de_id: ColumnElement[bool] = tabla.c.id == id
    return and_(de_id, tabla.c.consumidor == consumidor) if consumidor else de_id


def _envio(cuerpo: bytes) -> Envio | None:
    try:
        envios = descifrar_rafaga(cuerpo)
    except NoDescifrable:
        return None
    return envios[0] if len(envios) == 1 else None


def _sobre(cuerpo: bytes) -> Sobre | None:
    try:
        return descifrar_sobre(cuerpo)
    except NoDescifrable:
        return None

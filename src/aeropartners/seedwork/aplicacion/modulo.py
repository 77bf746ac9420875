"""The table of a module: which message goes to which handler, and what a handler may see and decide."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Respuesta, Sobre
from aeropartners.seedwork.aplicacion.puertos import (
    Identificadores,
    Registrado,
    Unico,
)
from aeropartners.seedwork.aplicacion.serializacion import Conocida, codificar
from aeropartners.seedwork.dominio.agregado import Agregado
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.evento import nombre_de

A = TypeVar("A", bound=Agregado)
# The name of one of the module's own queries, and its argument.
Consulta = tuple[str, str]


@dataclass(slots=True)
class Decision:
    """What a handler wants: claims, messages, a reply to the saga, a result for an HTTP caller.

    Events are in the aggregates. `error` is set by the loop when a rule was broken.
    """

    respuesta: Respuesta | None = None
    envios: Sequence[Envio] = ()
    toma: Mapping[Unico, UUID] = field(default_factory=dict)
    libera: Mapping[Unico, UUID] = field(default_factory=dict)
    resultado: object = None
    error: ErrorDeDominio | None = None


class Contexto:
    """What one handler call sees of its batch: the clock, ids, loaded streams and owners."""

    __slots__ = ("_agregados", "_consultados", "_duenos", "_ids", "ahora", "sobre", "tocados")

    def __init__(
        self,
        sobre: Sobre,
        ahora: datetime,
        agregados: dict[UUID, Agregado],
        duenos: dict[Unico, UUID],
        consultados: Mapping[Consulta, Sequence[UUID]],
        ids: Identificadores,
    ) -> None:
        self.sobre = sobre
        self.ahora = ahora
        self._agregados = agregados
        self._duenos = duenos
        self._consultados = consultados
        self._ids = ids
        self.tocados: dict[UUID, Agregado] = {}

    def flujo(self, clase: type[A], id: UUID) -> A:
        """Return the aggregate as this batch left it; one that does not exist has version 0."""
        agregado = self._agregados.get(id)
        if agregado is None:
            agregado = self._agregados[id] = clase(id)
        if not isinstance(agregado, clase):
            raise ErrorDeDominio(f"{id} no es un {clase.tipo}", "NO_ENCONTRADO")
        self.tocados[id] = agregado
        return agregado

    def dueno(self, unico: Unico) -> UUID | None:
        """Return the stream that owns the value, as this batch left it."""
        return self._duenos.get(unico)

    def consultar(self, nombre: str, argumento: str) -> Sequence[UUID]:
        """Return ids by one of the module's own indexed queries (fan-out handlers), as the batch met them."""
        return self._consultados[nombre, argumento]

    def nuevo_id(self) -> UUID:
        """Return a fresh UUIDv7."""
        return self._ids.nuevo()

    def comando(
        self,
        tema: str,
        mensaje: object,
        clave: UUID,
        *,
        id: UUID | None = None,
        saga_id: UUID | None = None,
        paso: str | None = None,
        intento: int | None = None,
        responder_a: str | None = None,
        correlacion_id: str | None = None,
    ) -> Envio:
        """Wrap an internal message caused by this one; the saga's identity travels along."""
        sobre = self.sobre
        return en_sobre(
            tema,
            sobre_de(
                mensaje,
                id or self._ids.nuevo(),
                clave,
                self.ahora,
                correlacion_id=correlacion_id or sobre.correlacion_id,
                causa_id=sobre.id,
                saga_id=saga_id or sobre.saga_id,
                paso=paso or sobre.paso,
                intento=sobre.intento if intento is None else intento,
                responder_a=responder_a or sobre.responder_a,
                traceparent=sobre.traceparent,
            ),
        )


def sobre_de(mensaje: object, id: UUID, clave: object, fecha: datetime, **campos: Any) -> Sobre:
    """Return the envelope of a message, with these fields besides; every envelope is made here.

    `clave` is the partition key: messages of one key keep their order.
    """
    nombre, version = nombre_de(type(mensaje))
    cuerpo = msgspec.Raw(codificar(mensaje))
    return Sobre(id=id, tipo=nombre, version=version, clave=str(clave), fecha=fecha, cuerpo=cuerpo, **campos)


def sobre_interno(id: UUID, mensaje: object, saga_id: UUID, fecha: datetime) -> Sobre:
    """Return the envelope of a message that a process sends to itself about a saga."""
    return sobre_de(mensaje, id, saga_id, fecha, saga_id=saga_id)


def sobre_derivado(causa: Sobre, id: UUID, mensaje: object, fecha: datetime) -> Sobre:
    """Return the envelope of what came of another one, in the same saga and order."""
    nombre, version = nombre_de(type(mensaje))
    cuerpo = msgspec.Raw(codificar(mensaje))
    propios = {"id": id, "tipo": nombre, "version": version, "fecha": fecha, "cuerpo": cuerpo}
    return msgspec.structs.replace(causa, causa_id=causa.id, **propios)


def en_sobre(tema: str, sobre: Sobre) -> Envio:
    """Return the envelope as a message for an internal topic."""
    return Envio(tema, sobre.clave, msgspec.Raw(codificar(sobre)))


def _nada(_mensaje: Any, _sobre: Sobre) -> Sequence[Any]:
    return ()


@dataclass(frozen=True, slots=True)
class Manejador:
    """One row of the table.

    `flujos`, `unicos` and `consultas` say which streams, claims and queries the message needs, so
    that a batch asks for all of a kind at once. `funcion` is pure over the context; it raises
    ErrorDeDominio before it registers anything, or returns a Decision.
    """

    mensaje: type[Any]
    funcion: Callable[[Any, Contexto], Decision]
    flujos: Callable[[Any, Sobre], Sequence[UUID]] = _nada
    unicos: Callable[[Any, Sobre], Sequence[Unico]] = _nada
    consultas: Callable[[Any, Sobre], Sequence[Consulta]] = _nada


def sin_publicos(_registrado: Registrado, _agregado: Agregado) -> Iterable[Envio]:
    """Publish nothing: for a module whose events stay inside."""
    return ()


def sin_efecto(_registrados: Sequence[Registrado]) -> None:
    """Say nothing after a commit."""


@dataclass(frozen=True, slots=True)
class Modulo:
    """A module as the machine sees it.

    `temas` are what its one consumer subscribes to under the name `suscripcion`; `traductores` turn
    what arrives on a public topic into an envelope, with an id of our own; `publicos` turns a stored event
    into the messages that the contract promises; `al_confirmar` sees the events of each committed batch (logs
    and metrics, nothing that must not be lost).
    """

    nombre: str
    suscripcion: str
    temas: tuple[str, ...]
    tema_muertos: str
    manejadores: tuple[Manejador, ...]
    agregados: tuple[type[Agregado], ...]
    publicos: Callable[[Registrado, Any], Iterable[Envio]] = sin_publicos
    traductores: Mapping[str, Callable[[Recibido, datetime], Sobre]] = field(default_factory=dict)
    al_confirmar: Callable[[Sequence[Registrado]], None] = sin_efecto

    def ajenas(self, recibidos: Iterable[tuple[str, Sobre]]) -> Mapping[UUID, UUID]:
        """Return the ids under which translated messages came, as their envelopes' causes, by our own."""
        if not self.traductores:
            return {}
        return {s.id: s.causa_id for tema, s in recibidos if s.causa_id and tema in self.traductores}

    @property
    def conocidas(self) -> frozenset[Conocida]:
        """The messages that it has handlers for, by name and version."""
        return frozenset(nombre_de(m.mensaje) for m in self.manejadores)

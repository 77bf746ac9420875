"""The table of a module: which message goes to which handler, and what a handler may see and decide."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Respuesta, Sobre
from aeropartners.seedwork.aplicacion.puertos import (
    Cambios,
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
    """What a handler decides: claims to take and release, messages, a saga reply, a result for HTTP.

    Events are in the aggregates' `pendientes`. `error` is set by the batch when a rule was broken.
    """

    respuesta: Respuesta | None = None
    envios: Sequence[Envio] = ()
    toma: Mapping[Unico, UUID] = field(default_factory=dict)
    libera: Mapping[Unico, UUID] = field(default_factory=dict)
    resultado: object = None
    error: ErrorDeDominio | None = None


class Contexto:
    """What one handler call sees of its batch: the clock, ids, loaded streams and owners of claims."""

    __slots__ = ("_agregados", "_consultados", "_duenos", "_ids", "_numeros", "ahora", "sobre", "tocados")

    def __init__(
        self,
        sobre: Sobre,
        ahora: datetime,
        agregados: dict[UUID, Agregado],
        duenos: dict[Unico, UUID],
        consultados: Mapping[Consulta, Sequence[UUID]],
        ids: Identificadores,
        numeros: dict[str, int],
    ) -> None:
        self.sobre = sobre
        self.ahora = ahora
        self._agregados = agregados
        self._duenos = duenos
        self._consultados = consultados
        self._ids = ids
        self._numeros = numeros
        self.tocados: dict[UUID, Agregado] = {}

    def flujo(self, clase: type[A], id: UUID) -> A:
        """Return the aggregate with the changes of earlier messages of this batch; version 0 if it is new.

        Raises ErrorDeDominio when the id is that of a stream of another type.
        """
        agregado = self._agregados.get(id)
        if agregado is None:
            agregado = self._agregados[id] = clase(id)
        if not isinstance(agregado, clase):
            raise ErrorDeDominio(f"{id} no es un {clase.tipo}", "NO_ENCONTRADO")
        self.tocados[id] = agregado
        return agregado

    def dueno(self, unico: Unico) -> UUID | None:
        """Return the stream that owns the value, with the changes of earlier messages of this batch."""
        return self._duenos.get(unico)

    def consultar(self, nombre: str, argumento: str) -> Sequence[UUID]:
        """Return the ids that one of the module's own queries found, as they were at the batch's start."""
        return self._consultados[nombre, argumento]

    def numero(self, contador: str) -> int:
        """Return the next number of a counter that the handler's row in the table names; the first is 1.

        The number is used up when the batch is committed, unless the handler refuses the message.
        """
        self._numeros[contador] += 1
        return self._numeros[contador]

    def nuevo_id(self) -> UUID:
        """Return a new UUIDv7."""
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
        """Return an internal message caused by the present one.

        It keeps saga, step, attempt, reply topic and correlation of the present message, unless they are
        given.
        """
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
    """Return the envelope of a message, with `campos` as its further fields (saga, step, reply topic).

    `clave` is the partition key: messages of one key keep their order.
    """
    nombre, version = nombre_de(type(mensaje))
    cuerpo = msgspec.Raw(codificar(mensaje))
    return Sobre(id=id, tipo=nombre, version=version, clave=str(clave), fecha=fecha, cuerpo=cuerpo, **campos)


def sobre_interno(id: UUID, mensaje: object, saga_id: UUID, fecha: datetime) -> Sobre:
    """Return the envelope of a message about a saga that never leaves the process."""
    return sobre_de(mensaje, id, saga_id, fecha, saga_id=saga_id)


def sobre_derivado(causa: Sobre, id: UUID, mensaje: object, fecha: datetime) -> Sobre:
    """Return an envelope with another message and id, and all other fields of the envelope that caused it."""
    nombre, version = nombre_de(type(mensaje))
    cuerpo = msgspec.Raw(codificar(mensaje))
    propios = {"id": id, "tipo": nombre, "version": version, "fecha": fecha, "cuerpo": cuerpo}
    return msgspec.structs.replace(causa, causa_id=causa.id, **propios)


def en_sobre(tema: str, sobre: Sobre) -> Envio:
    """Return the message that sends this envelope to an internal topic."""
    return Envio(tema, sobre.clave, msgspec.Raw(codificar(sobre)))


def _nada(_mensaje: Any, _sobre: Sobre) -> Sequence[Any]:
    return ()


@dataclass(frozen=True, slots=True)
class Manejador:
    """One row of the module's table.

    `flujos`, `unicos` and `consultas` return the streams, claims and queries that a message needs, so that a
    batch loads each kind in one query. `carga` returns queries whose streams are loaded as well, for messages
    that do not name them. `contadores` returns the names of the counters that it may take a number of.
    `funcion` uses only the message and the context. It returns a Decision, or raises ErrorDeDominio before it
    registers any event.
    """

    mensaje: type[Any]
    funcion: Callable[[Any, Contexto], Decision]
    flujos: Callable[[Any, Sobre], Sequence[UUID]] = _nada
    unicos: Callable[[Any, Sobre], Sequence[Unico]] = _nada
    consultas: Callable[[Any, Sobre], Sequence[Consulta]] = _nada
    carga: Callable[[Any, Sobre], Sequence[Consulta]] = _nada
    contadores: Callable[[Any, Sobre], Sequence[str]] = _nada


def sin_publicos(_registrado: Registrado, _agregado: Agregado) -> Iterable[Envio]:
    """Publish nothing: for a module whose events stay internal."""
    return ()


def sin_efecto(_cambios: Cambios) -> None:
    """Do nothing after a commit."""


@dataclass(frozen=True, slots=True)
class Modulo:
    """A module as the loops see it.

    `temas` are the topics that its one consumer reads, under the subscription `suscripcion`. `consumidor` is
    the name of that consumer in inbox, retries, counts and dead letters: the subscription, unless another
    module has a subscription of that name, on other topics. No two modules have the same one. `traductores`
    turn a message of a public topic into an envelope with an id of our own. `publicos` turns a stored event
    into the messages that the contract promises. `al_confirmar` gets what each batch committed, for
    logs, metrics and wake-ups only: a crash after the commit skips it.
    """

    nombre: str
    suscripcion: str
    temas: tuple[str, ...]
    tema_muertos: str
    manejadores: tuple[Manejador, ...]
    agregados: tuple[type[Agregado], ...]
    publicos: Callable[[Registrado, Any], Iterable[Envio]] = sin_publicos
    traductores: Mapping[str, Callable[[Recibido, datetime], Sobre]] = field(default_factory=dict)
    al_confirmar: Callable[[Cambios], None] = sin_efecto
    consumidor: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "consumidor", self.consumidor or self.suscripcion)

    def ajenas(self, recibidos: Iterable[tuple[str, Sobre]]) -> Mapping[UUID, UUID]:
        """Return, for messages of public topics, our own id → the id that the sender chose."""
        if not self.traductores:
            return {}
        return {s.id: s.causa_id for tema, s in recibidos if s.causa_id and tema in self.traductores}

    @property
    def conocidas(self) -> frozenset[Conocida]:
        """The messages that the module has handlers for, by name and version."""
        return frozenset(nombre_de(m.mensaje) for m in self.manejadores)

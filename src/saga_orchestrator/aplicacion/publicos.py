"""The public edge of the orchestrator: `saga-events`, and the start by message."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec
from marshmallow import fields, validate

from aeropartners.contratos.formularios import LARGO_CORRELACION
from aeropartners.contratos.saga import TEMA_EVENTOS, TEMA_INICIAR, IniciarSaga
from aeropartners.seedwork.aplicacion.cuerpos import descifrar_ajeno
from aeropartners.seedwork.aplicacion.formularios import Esquema, Texto, leer
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Sobre
from aeropartners.seedwork.aplicacion.modulo import sobre_de
from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.serializacion import (
    NoDescifrable,
    codificar,
    codificar_publico,
)
from saga_orchestrator.aplicacion.borde import PorTema
from saga_orchestrator.dominio.identidades import es_de_otro_dia
from saga_orchestrator.dominio.memoria import EventoSaga
from saga_orchestrator.dominio.saga import Saga

ID_DE_OTRO_DIA = "saga_id: un UUIDv7 debe ser de hace menos de 24 h, y no de más adelante"
ORIGEN = "saga-orchestrator"
MAXIMO_TIMEOUT_MINUTOS = 525_600


def publicos(registrado: Registrado, saga: Saga) -> Iterable[Envio]:
    """Return the message for `saga-events`, none for an internal event (contracts README, section 5)."""
    evento = registrado.evento
    assert isinstance(evento, EventoSaga)
    if not evento.orden:
        return ()
    saga_id = str(saga.id)
    sobre = sobre_publico(
        (saga_id, saga.definicion.tipo, saga.definicion.version, saga.memoria.correlacion_id),
        evento.palabra,
        evento.orden,
        evento.datos,
    )
    propiedades = {
        "event_type": evento.palabra,
        "event_id": evento.datos["id"],
        "source": ORIGEN,
        "saga_id": saga_id,
    }
    return (Envio(TEMA_EVENTOS, saga_id, msgspec.Raw(sobre), propiedades),)


def sobre_publico(
    saga: tuple[str, str, int, str], palabra: str, orden: int, datos: Mapping[str, Any]
) -> bytes:
    """Return the body of a saga event; `saga` is its id, type, definition version and correlation.

    Both `saga-events` and the stream over HTTP send this body.
    """
    saga_id, tipo, version, correlacion = saga
    data = msgspec.Raw(codificar_publico(datos))
    return codificar(
        {
            "event_id": datos["id"],
            "event_type": palabra,
            "timestamp": datos["fecha_evento"],
            "saga_id": saga_id,
            "saga_type": tipo,
            "correlation_id": correlacion,
            "version": version,
            "orden": orden,
            "data": data,
            "payload": data,
        }
    )


class TimeoutEsquema(Esquema):
    """The minutes that a saga may take, whichever door it begins at."""

    timeout_minutos = fields.Integer(
        strict=True, validate=validate.Range(1, MAXIMO_TIMEOUT_MINUTOS), load_default=None
    )


class InicioPorTemaEsquema(TimeoutEsquema):
    """What a start by message says beside its initial data."""

    correlation_id = Texto(maximo=LARGO_CORRELACION, vacio=True, load_default=None)


class _Inicio(msgspec.Struct):
    event_id: UUID
    saga_id: UUID
    tipo: str
    datos_iniciales: dict[str, Any]
    timeout_minutos: Any = None
    correlation_id: Any = None


_APARTE = InicioPorTemaEsquema()


def traducir_inicio(recibido: Recibido, ahora: datetime, por_tema: Mapping[str, PorTema]) -> Sobre:
    """Turn a `comando-iniciar-saga` into an envelope; raises NoDescifrable for what HTTP would refuse.

    `por_tema` are the types that this topic starts: nobody waits for an answer that could refuse another.
    """
    inicio = descifrar_ajeno(recibido, _Inicio)
    como = por_tema.get(inicio.tipo)
    if como is None:
        raise NoDescifrable(f"tipo: {TEMA_INICIAR} no inicia SAGAs de tipo {inicio.tipo}")
    if es_de_otro_dia(inicio.saga_id, ahora):
        raise NoDescifrable(ID_DE_OTRO_DIA)
    leer(como.formulario, inicio.datos_iniciales, NoDescifrable)
    aparte = {"timeout_minutos": inicio.timeout_minutos, "correlation_id": inicio.correlation_id}
    dicho = leer(_APARTE, aparte, NoDescifrable)
    minutos, correlacion = dicho["timeout_minutos"] or como.timeout_minutos, dicho["correlation_id"] or ""
    return sobre_de(
        IniciarSaga(inicio.saga_id, inicio.tipo, inicio.datos_iniciales, minutos, correlacion),
        uuid5(inicio.event_id, TEMA_INICIAR),
        inicio.saga_id,
        ahora,
        correlacion_id=correlacion,
        saga_id=inicio.saga_id,
    )

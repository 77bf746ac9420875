"""Alliances on the contract's topics: commands to them, and their events as replies (004, section 7)."""

from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from aeropartners.contratos.alianzas import (
    CANCELADA,
    CREADA,
    ERROR_TECNICO,
    FALLIDA,
    PASO_CANCELAR,
    PASO_CREAR,
    TEMA_COMANDOS,
    CancelarAlianza,
    CrearAlianza,
)
from aeropartners.seedwork.aplicacion.bucles.recepcion import ESPACIO_AJENO
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto, sobre_de
from aeropartners.seedwork.aplicacion.serializacion import (
    MALFORMADO,
    NoDescifrable,
    codificar_publico,
)
from saga_orchestrator.aplicacion.publicos import ORIGEN
from saga_orchestrator.dominio.comandos import ComandoDePaso
from saga_orchestrator.dominio.identidades import id_comando
from saga_orchestrator.dominio.saga import Saga


def ordenar(saga: Saga, pedido: ComandoDePaso, contexto: Contexto) -> Envio:
    """Return a step's command in the contract's shape, which foreign programs can read."""
    mensaje, saga_id = pedido.mensaje, str(saga.id)
    id = str(id_comando(saga.id, pedido.version, contexto.ahora))
    assert isinstance(mensaje, CrearAlianza | CancelarAlianza)
    creando = isinstance(mensaje, CrearAlianza)
    comando = PASO_CREAR if creando else PASO_CANCELAR
    cuerpo = {
        "command": comando,
        "partner_id": mensaje.partner_id,
        "partner_data": {**saga.datos_iniciales["partner_data"]},
        "saga_id": saga_id,
        "correlation_id": saga.memoria.correlacion_id,
        "event_id": id,
        "timestamp": contexto.ahora,
        "intento": pedido.intento,
    }
    if isinstance(mensaje, CrearAlianza):
        cuerpo |= {"partner_data": mensaje.partner_data, "contrato": mensaje.contrato}
    else:
        cuerpo |= {"alliance_id": mensaje.alliance_id, "reason": mensaje.reason}
    propiedades = {"event_type": comando, "event_id": id, "source": ORIGEN, "saga_id": saga_id}
    return Envio(TEMA_COMANDOS, saga_id, msgspec.Raw(codificar_publico(cuerpo)), propiedades)


class _Evento(msgspec.Struct):
    event_type: str
    saga_id: UUID | None = None
    event_id: str | None = None
    correlation_id: str | None = None
    alliance_id: str | None = None
    contrato_id: str | None = None
    estado: str | None = None
    error: str | None = None
    causa_rechazo: str | None = None
    validacion_fallida: str | None = None


_descifrar = msgspec.json.Decoder(_Evento).decode
PASOS = {CREADA: PASO_CREAR, FALLIDA: PASO_CREAR, CANCELADA: PASO_CANCELAR}


def responder(recibido: Recibido, ahora: datetime) -> Sobre:
    """Turn an alliance event into the reply of its step; raises NoDescifrable."""
    try:
        evento = _descifrar(recibido.cuerpo)
    except MALFORMADO as error:
        raise NoDescifrable(str(error)) from error
    return sobre_de_evento(
        recibido,
        (evento.event_id, evento.saga_id, evento.correlation_id),
        PASOS.get(evento.event_type),
        _respuesta(evento),
        ahora,
    )


def _respuesta(e: _Evento) -> Respuesta:
    if e.event_type == FALLIDA:
        tecnico = e.validacion_fallida == ERROR_TECNICO
        error = e.error or e.causa_rechazo or "La alianza fue rechazada"
        codigo = e.validacion_fallida or ""
        return Respuesta(exito=False, codigo=codigo, error=error, reintentable=tecnico, incierto=tecnico)
    resultado: dict[str, object] = {"alliance_id": e.alliance_id or e.contrato_id, "estado": e.estado}
    return Respuesta(exito=True, resultado=resultado)


def sobre_de_evento(
    recibido: Recibido,
    nombres: tuple[str | None, UUID | None, str | None],
    paso: str | None,
    respuesta: Respuesta,
    ahora: datetime,
) -> Sobre:
    """Return the envelope of a reply made from a public event.

    The reply carries no attempt. Without a saga or a step, the orchestrator ignores it.
    """
    event_id, saga_id, correlacion = nombres
    nombre = event_id or f"{recibido.id_broker}:{recibido.cuerpo.hex()}"
    return sobre_de(
        respuesta,
        uuid5(ESPACIO_AJENO, f"{recibido.tema}:{nombre}"),
        saga_id,
        ahora,
        correlacion_id=correlacion or "",
        saga_id=saga_id,
        paso=paso,
    )

"""Messages of partners: `partner_created` as a reply, and the start of a saga by a command."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import msgspec

from aeropartners.contratos.partners import PASO_CREAR, TEMA_CREAR_PARTNER, TIPO_PARTNER, ComandoCrearPartner
from aeropartners.contratos.saga import IniciarSaga
from aeropartners.seedwork.aplicacion.bucles.recepcion import ESPACIO_AJENO
from aeropartners.seedwork.aplicacion.mensajes import CUERPO_MAXIMO, Envio, Recibido, Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto, sobre_de
from aeropartners.seedwork.aplicacion.serializacion import (
    MALFORMADO,
    NoDescifrable,
    codificar_publico,
)
from saga_orchestrator.aplicacion.borde import Entrada
from saga_orchestrator.aplicacion.publicos import ID_DE_OTRO_DIA, ORIGEN
from saga_orchestrator.dominio.identidades import es_de_otro_dia
from saga_orchestrator.sistemas.partners.borde_alianzas import sobre_de_evento
from saga_orchestrator.sistemas.partners.solicitud import SolicitudInvalida, leer

CREADO = "partner_created"
COMANDO = "ComandoCrearPartner"


class _Evento(msgspec.Struct):
    event_type: str
    partner_id: str
    saga_id: UUID | None = None
    event_id: str | None = None
    correlation_id: str | None = None


_descifrar_evento = msgspec.json.Decoder(_Evento).decode


def oir(recibido: Recibido, ahora: datetime) -> Sobre:
    """Turn `partner_created` into the reply of its step, in case the HTTP answer was lost.

    Raises NoDescifrable.
    """
    try:
        e = _descifrar_evento(recibido.cuerpo)
    except MALFORMADO as error:
        raise NoDescifrable(str(error)) from error
    respuesta = Respuesta(exito=True, resultado={"partner_id": e.partner_id})
    paso = PASO_CREAR if e.event_type == CREADO else None
    return sobre_de_evento(recibido, (e.event_id, e.saga_id, e.correlation_id), paso, respuesta, ahora)


class _Comando(msgspec.Struct):
    event_id: UUID | None = None
    saga_id: UUID | None = None
    correlation_id: str | None = None


_descifrar_comando = msgspec.json.Decoder(_Comando).decode
_descifrar_libre = msgspec.json.Decoder(dict[str, Any]).decode


def iniciar_por_comando(timeout_minutos: int) -> Entrada:
    """Return the translator of `comando-crear-partner`; `timeout_minutos` is the sagas' total deadline."""

    def traducir(recibido: Recibido, ahora: datetime) -> Sobre:
        """Turn a command into a start of a saga; raises NoDescifrable for what HTTP would refuse."""
        if len(recibido.cuerpo) > CUERPO_MAXIMO:
            raise NoDescifrable(f"El mensaje supera {CUERPO_MAXIMO} bytes")
        try:
            comando, cuerpo = _descifrar_comando(recibido.cuerpo), _descifrar_libre(recibido.cuerpo)
        except MALFORMADO as error:
            raise NoDescifrable(str(error)) from error
        # Writers that use Avro put the fields inside `data`; others put them at the top.
        datos = cuerpo["data"] if isinstance(cuerpo.get("data"), dict) else cuerpo
        try:
            solicitud = leer(datos)
        except SolicitudInvalida as error:
            raise NoDescifrable(error.mensaje) from error
        ajeno = uuid5(ESPACIO_AJENO, f"{recibido.tema}:{recibido.id_broker}:{recibido.cuerpo.hex()}")
        if comando.saga_id and es_de_otro_dia(comando.saga_id, ahora):
            raise NoDescifrable(ID_DE_OTRO_DIA)
        saga_id = comando.saga_id or uuid5(comando.event_id or ajeno, TIPO_PARTNER)
        correlacion = comando.correlation_id or solicitud.correlacion or str(saga_id)
        iniciales = {"partner_data": solicitud.partner_data, "contrato": solicitud.contrato}
        mensaje = IniciarSaga(saga_id, TIPO_PARTNER, iniciales, timeout_minutos, correlacion[:100])
        id = uuid5(comando.event_id or ajeno, TEMA_CREAR_PARTNER)
        return sobre_de(mensaje, id, saga_id, ahora, correlacion_id=mensaje.correlation_id, saga_id=saga_id)

    return traducir


def iniciar_y_decir(mensaje: ComandoCrearPartner, contexto: Contexto) -> tuple[IniciarSaga, list[Envio]]:
    """Return the start that a command stands for, and the command as it is published on its topic."""
    iniciales = {"partner_data": mensaje.partner_data, "contrato": mensaje.contrato}
    inicio = IniciarSaga(
        mensaje.saga_id, TIPO_PARTNER, iniciales, mensaje.timeout_minutos, mensaje.correlation_id
    )
    return inicio, [comando_publico(mensaje, contexto)]


def comando_publico(mensaje: ComandoCrearPartner, contexto: Contexto) -> Envio:
    """Return the command for its topic. When our own edge reads it back, its saga exists already."""
    id, saga_id = str(contexto.nuevo_id()), str(mensaje.saga_id)
    cuerpo = {
        "event_id": id,
        "event_type": COMANDO,
        "timestamp": contexto.ahora,
        "saga_id": saga_id,
        "correlation_id": mensaje.correlation_id or saga_id,
        **mensaje.partner_data,
        "contrato": {c: Decimal(v) if c == "monto" else v for c, v in mensaje.contrato.items()},
    }
    propiedades = {"event_type": COMANDO, "event_id": id, "source": ORIGEN, "saga_id": saga_id}
    return Envio(TEMA_CREAR_PARTNER, saga_id, msgspec.Raw(codificar_publico(cuerpo)), propiedades)

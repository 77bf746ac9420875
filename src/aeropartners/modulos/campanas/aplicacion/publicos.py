"""The public events of campaigns, and the events of payments that campaigns read (001, section 7)."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from aeropartners.contratos.campanas import (
    TEMA_GENERICO,
    TEMAS_PUBLICOS,
    PagoExitosoRecibido,
)
from aeropartners.modulos.campanas.dominio.campana import Campana
from aeropartners.modulos.campanas.dominio.eventos import (
    CampanaActivada,
    CampanaActualizada,
    CampanaAnulada,
    CampanaCreada,
)
from aeropartners.seedwork.aplicacion.bucles.recepcion import id_ajeno
from aeropartners.seedwork.aplicacion.mensajes import Envio, Recibido, Sobre
from aeropartners.seedwork.aplicacion.modulo import sobre_de
from aeropartners.seedwork.aplicacion.publicacion import publicar
from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.serializacion import MALFORMADO, NoDescifrable
from aeropartners.seedwork.dominio.evento import nombre_de


def publicos(registrado: Registrado, campana: Campana) -> Iterable[Envio]:
    """Return the message for the event's public topic; none for an internal event."""
    evento = registrado.evento
    if isinstance(evento, CampanaAnulada):
        return ()
    nombre, _ = nombre_de(type(evento))
    datos: dict[str, Any] = {"id_campana": str(campana.id)}
    match evento:
        case CampanaCreada():
            datos |= _propios(evento) | {"estado": str(campana.estado)}
        case CampanaActualizada():
            dinero = {
                "presupuesto_monto": campana.datos.presupuesto_monto,
                "presupuesto_moneda": campana.datos.presupuesto_moneda,
            }
            datos |= _propios(evento) | dinero | {"estado": str(campana.estado)}
        case CampanaActivada():
            datos |= {"nombre": campana.datos.nombre, "fecha_activacion": evento.fecha}
        case _:
            datos |= _propios(evento)
    return publicar(registrado, "campanas", [TEMAS_PUBLICOS.get(nombre, TEMA_GENERICO)], datos)


def _propios(evento: Any) -> dict[str, Any]:
    nombres = (campo.name for campo in fields(evento))
    return {n: getattr(evento, n) for n in nombres if n not in ("fecha", "descripcion")}


class _Datos(msgspec.Struct):
    id_afiliado: str
    monto: Decimal


class _Publico(msgspec.Struct):
    event_id: UUID
    data: _Datos


_descifrar = msgspec.json.Decoder(_Publico).decode


def traducir_pago(recibido: Recibido, ahora: datetime) -> Sobre:
    """Turn a `PagoExitoso` of the public topic into an envelope; raises NoDescifrable."""
    try:
        publico = _descifrar(recibido.cuerpo)
    except MALFORMADO as error:
        raise NoDescifrable(str(error)) from error
    mensaje = PagoExitosoRecibido(publico.event_id, publico.data.id_afiliado, publico.data.monto)
    id, clave = id_ajeno(publico.event_id), publico.data.id_afiliado
    return sobre_de(mensaje, id, clave, ahora, causa_id=publico.event_id)

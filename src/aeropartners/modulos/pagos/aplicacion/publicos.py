"""The public events of payments, in the contract's shape (001, section 7)."""

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from aeropartners.contratos.pagos import TEMA_EVENTOS, TEMAS_ESPEJO
from aeropartners.modulos.pagos.dominio.eventos import (
    PagoExitoso,
    PagoFallido,
    PagoPendiente,
    PagoRevertido,
)
from aeropartners.modulos.pagos.dominio.pago import Pago
from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.publicacion import publicar
from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.serializacion import numero
from aeropartners.seedwork.dominio.evento import nombre_de

ORIGEN = "pagos"


def publicos(registrado: Registrado, pago: Pago) -> Iterable[Envio]:
    """Return the messages for `pagos-events` and for its mirror topic, with the same event_id."""
    match registrado.evento:
        case PagoPendiente() | PagoExitoso():
            propios = {}
        case PagoFallido(mensaje_error=mensaje_error):
            propios = {"mensaje_error": mensaje_error}
        case PagoRevertido(motivo=motivo):
            propios = {"motivo": motivo}
        case _:
            return ()
    solicitud = pago.solicitud
    assert solicitud is not None
    datos = {
        "id_pago": str(pago.id),
        "id_afiliado": solicitud.id_afiliado,
        "monto": numero(solicitud.monto),
        "moneda": solicitud.moneda,
        "referencia_pago": solicitud.referencia_pago,
        **propios,
    }
    nombre, _ = nombre_de(type(registrado.evento))
    temas = [t for t in (TEMA_EVENTOS, TEMAS_ESPEJO.get(nombre)) if t]
    return publicar(_de_su_saga(registrado, pago), ORIGEN, temas, datos)


def _de_su_saga(registrado: Registrado, pago: Pago) -> Registrado:
    """Return the event with the saga that created the payment, whatever caused it: the saga is the key."""
    assert pago.solicitud is not None
    saga_id = pago.solicitud.saga_id
    if registrado.sobre.saga_id == saga_id:
        return registrado
    return replace(registrado, sobre=msgspec.structs.replace(registrado.sobre, saga_id=saga_id))

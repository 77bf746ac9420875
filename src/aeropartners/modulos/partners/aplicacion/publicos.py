"""The public events of partners, in the contract's shape (004, section 7)."""

from collections.abc import Iterable

import msgspec

from aeropartners.contratos.partners import TEMA_EVENTOS
from aeropartners.modulos.partners.dominio.eventos import (
    IntegracionCreada,
    IntegracionRevocada,
    KycVerificado,
    PartnerActualizado,
    PartnerCreado,
    PartnerEliminado,
)
from aeropartners.modulos.partners.dominio.partner import Partner
from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.serializacion import codificar_publico

ORIGEN = "gestion-de-integraciones"
TIPOS: dict[type[object], str] = {
    PartnerCreado: "partner_created",
    PartnerActualizado: "partner_updated",
    PartnerEliminado: "partner_deleted",
    KycVerificado: "kyc_verified",
    IntegracionCreada: "integration_created",
    IntegracionRevocada: "integration_revoked",
}


def publicos(registrado: Registrado, partner: Partner) -> Iterable[Envio]:
    """Return the message for `eventos-partners`; its key is the saga that created the partner, if any."""
    datos, sobre = partner.datos, registrado.sobre
    tipo, event_id = TIPOS[type(registrado.evento)], str(registrado.id)
    saga_id = str(sobre.saga_id) if sobre.saga_id else None
    cuerpo = {
        "partner_id": str(partner.id),
        "event_type": tipo,
        "email": datos.email,
        "saga_id": saga_id,
        "correlation_id": sobre.correlacion_id,
        "event_id": event_id,
        "timestamp": registrado.fecha,
        "orden": registrado.version,
        **_propios(registrado.evento),
    }
    propiedades = {"event_type": tipo, "event_id": event_id, "source": ORIGEN, "saga_id": saga_id or ""}
    clave = str(datos.saga_id or partner.id)
    return (Envio(TEMA_EVENTOS, clave, msgspec.Raw(codificar_publico(cuerpo)), propiedades),)


def _propios(evento: object) -> dict[str, object]:
    match evento:
        case KycVerificado():
            return {"estado_kyc": evento.nuevo, "estado_kyc_anterior": evento.anterior}
        case IntegracionCreada():
            return {"integracion_id": str(evento.integracion_id), "tipo": evento.tipo}
        case IntegracionRevocada():
            return {"integracion_id": str(evento.integracion_id), "motivo": evento.motivo}
    return {}

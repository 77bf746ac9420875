"""The public events of alliances, which are also the answers to sagas (004, section 7)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from aeropartners.contratos.alianzas import CANCELADA, CREADA, FALLIDA, TEMA_EVENTOS
from aeropartners.modulos.alianzas.dominio.contrato import Contrato, Estado
from aeropartners.modulos.alianzas.dominio.eventos import (
    AlianzaAnulada,
    ContratoCancelado,
    ContratoCreado,
    ContratoModificado,
    ContratoRechazado,
)
from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto
from aeropartners.seedwork.aplicacion.puertos import Registrado
from aeropartners.seedwork.aplicacion.serializacion import codificar_publico, numero

ORIGEN = "gestion-de-alianzas"


def publicos(registrado: Registrado, contrato: Contrato) -> Iterable[Envio]:
    """Return the message for `administracion-financiera-compliance`; none for an internal event."""
    tipo = _tipo(registrado.evento)
    if tipo is None:
        return ()
    return (_envio(contrato, tipo, registrado.id, registrado.fecha, registrado.sobre),)


def otra_vez(contrato: Contrato, contexto: Contexto, *, creando: bool) -> Envio:
    """Return the answer to a command that changed nothing: the earlier decision."""
    tipo = (FALLIDA if contrato.rechazo else CREADA) if creando else CANCELADA
    id = uuid5(contexto.sobre.id, tipo)
    return _envio(contrato, tipo, id, contexto.ahora, contexto.sobre)


def _tipo(evento: object) -> str | None:
    match evento:
        case ContratoCreado(estado=Estado.ACTIVO):
            return CREADA
        case ContratoRechazado():
            return FALLIDA
        case ContratoCancelado() | AlianzaAnulada() | ContratoModificado(estado=Estado.CANCELADO):
            return CANCELADA
    return None


def _envio(contrato: Contrato, tipo: str, event_id: UUID, momento: datetime, sobre: Sobre) -> Envio:
    ficha = contrato.ficha
    saga_id = sobre.saga_id or (ficha and ficha.saga_id)
    id = str(contrato.id) if ficha else None
    cuerpo = {
        "event_type": tipo,
        "contrato_id": id,
        "alliance_id": id,
        "saga_id": str(saga_id) if saga_id else None,
        "correlation_id": sobre.correlacion_id,
        "event_id": str(event_id),
        "timestamp": momento,
        "orden": contrato.version,
        "partner_id": contrato.partner_id,
        "tipo": ficha and ficha.tipo,
        "fecha_inicio": ficha and ficha.fecha_inicio,
        "fecha_fin": contrato.fecha_fin,
        "monto": None if contrato.monto is None else numero(contrato.monto),
        "moneda": contrato.moneda or None,
        "condiciones": contrato.condiciones,
        "estado": str(contrato.estado),
        **_causa(contrato, tipo),
    }
    propiedades = {
        "event_type": tipo,
        "event_id": str(event_id),
        "source": ORIGEN,
        "saga_id": str(saga_id or ""),
    }
    dato = msgspec.Raw(codificar_publico(cuerpo))
    return Envio(TEMA_EVENTOS, str(saga_id or contrato.id), dato, propiedades)


def _causa(contrato: Contrato, tipo: str) -> dict[str, str | None]:
    if tipo == FALLIDA and contrato.rechazo:
        causa, validacion = contrato.rechazo
        return {
            "error": f"{validacion}: {causa}",
            "causa_rechazo": causa,
            "validacion_fallida": validacion,
        }
    aviso = contrato.ficha.advertencia if isinstance(contrato.ficha, ContratoCreado) else None
    return {"advertencia": aviso} if aviso else {}

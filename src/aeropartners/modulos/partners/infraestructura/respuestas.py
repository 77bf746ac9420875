"""The answers about partners: their bodies, and their schemas for the OpenAPI."""

from collections.abc import Mapping, Sequence
from typing import Any

from aeropartners.modulos.partners.dominio.partner import (
    ESTADOS_KYC,
    TIPOS_INTEGRACION,
    Estado,
    Integracion,
    Partner,
)
from aeropartners.seedwork.infraestructura.web.openapi.documento import (
    ENTERO,
    LIBRE,
    LOGICO,
    MOMENTO,
    TEXTO,
    lista,
    nulo,
    objeto,
    una_de,
)

_CORTO = {
    "id": TEXTO,
    "nombre": TEXTO,
    "email": TEXTO,
    "telefono": nulo(TEXTO),
    "estado": una_de(Estado),
    "estado_kyc": una_de(ESTADOS_KYC),
    "fecha_creacion": MOMENTO,
}
_ENTERO = {**_CORTO, "direccion": nulo(TEXTO)}
INTEGRACION = {
    "id": TEXTO,
    "tipo": una_de(TIPOS_INTEGRACION),
    "nombre": TEXTO,
    "descripcion": nulo(TEXTO),
    "activa": LOGICO,
    "fecha_creacion": MOMENTO,
}
_CAMBIADO = objeto(**_ENTERO, fecha_actualizacion=MOMENTO)
CREADO = objeto(mensaje=TEXTO, partner=_CAMBIADO)
PAGINA = objeto(partners=lista(objeto(**_CORTO, integraciones_count=ENTERO)), total=ENTERO)
UNO = objeto(
    partner=objeto(
        **_ENTERO,
        documentos_kyc=LIBRE,
        fecha_actualizacion=MOMENTO,
        integraciones=lista(objeto(**INTEGRACION, fecha_revocacion=nulo(MOMENTO))),
    )
)
CAMBIADO = objeto(mensaje=TEXTO, partner=_CAMBIADO)
ELIMINADO = objeto(mensaje=TEXTO, partner_id=TEXTO)
VERIFICADO = objeto(
    mensaje=TEXTO,
    partner=objeto(
        id=TEXTO,
        nombre=TEXTO,
        email=TEXTO,
        estado_kyc=_ENTERO["estado_kyc"],
        documentos_kyc=LIBRE,
        fecha_actualizacion=MOMENTO,
    ),
)
INTEGRADO = objeto(mensaje=TEXTO, integracion=objeto(**INTEGRACION, partner_id=TEXTO))
REVOCADA = objeto(mensaje=TEXTO, integracion_id=TEXTO, motivo=nulo(TEXTO))


def iniciada(saga: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the answer to a start; `saga` is the orchestrator's schema of a saga."""
    suyos = {campo: saga["properties"][campo] for campo in ("saga_id", "correlation_id", "status")}
    return objeto(mensaje=TEXTO, **suyos, partner_data=saga["properties"]["partner_data"])


def partner(p: Partner) -> dict[str, Any]:
    """Return the body of a created partner."""
    return {
        "id": str(p.id),
        "nombre": p.datos.nombre,
        "email": p.datos.email,
        "telefono": p.datos.telefono,
        "direccion": p.datos.direccion,
        "estado": str(p.estado),
        "estado_kyc": p.estado_kyc,
        "fecha_creacion": p.datos.fecha,
        "fecha_actualizacion": p.fecha_actualizacion,
    }


def verificado(p: Partner) -> dict[str, Any]:
    """Return the body of a verified partner."""
    return {**partner(p), "documentos_kyc": p.documentos_kyc}


def fila(f: Any, campos: Sequence[str]) -> dict[str, Any]:
    """Return some columns of a row."""
    return {campo: getattr(f, campo) for campo in campos}


def entero(f: Any, integraciones: Sequence[Any]) -> dict[str, Any]:
    """Return the body of a partner with its integrations."""
    propias = ("documentos_kyc", "fecha_actualizacion")
    suyas = [fila(i, (*INTEGRACION, "fecha_revocacion")) for i in integraciones]
    return {**fila(f, (*_ENTERO, *propias)), "integraciones": suyas}


def en_lista(f: Any) -> dict[str, Any]:
    """Return the body of a partner in a list."""
    return fila(f, (*_CORTO, "integraciones_count"))


def integracion(i: Integracion, partner_id: str) -> Mapping[str, Any]:
    """Return the body of a new integration."""
    ficha = i.ficha
    return {
        "id": str(ficha.integracion_id),
        "partner_id": partner_id,
        "tipo": ficha.tipo,
        "nombre": ficha.nombre,
        "descripcion": ficha.descripcion,
        "activa": i.revocada_en is None,
        "fecha_creacion": ficha.fecha,
    }

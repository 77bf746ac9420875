"""What the partners' routes answer: their bodies, and the schemas of these for the OpenAPI."""

from collections.abc import Mapping, Sequence
from typing import Any

from aeropartners.modulos.partners.dominio.partner import Integracion, Partner
from aeropartners.seedwork.infraestructura.web.openapi import (
    ENTERO,
    LIBRE,
    LOGICO,
    MOMENTO,
    TEXTO,
    lista,
    nulo,
    objeto,
)

_CORTO = {
    "id": TEXTO,
    "nombre": TEXTO,
    "email": TEXTO,
    "telefono": nulo(TEXTO),
    "estado": TEXTO,
    "estado_kyc": TEXTO,
    "fecha_creacion": MOMENTO,
}
_ENTERO = {**_CORTO, "direccion": nulo(TEXTO)}
INTEGRACION = {
    "id": TEXTO,
    "tipo": TEXTO,
    "nombre": TEXTO,
    "descripcion": nulo(TEXTO),
    "activa": LOGICO,
    "fecha_creacion": MOMENTO,
}
CREADO = objeto(mensaje=TEXTO, partner=objeto(**_ENTERO))
PAGINA = objeto(partners=lista(objeto(**_CORTO, integraciones_count=ENTERO)), total=ENTERO)
UNO = objeto(
    partner=objeto(
        **_ENTERO,
        documentos_kyc=LIBRE,
        fecha_actualizacion=MOMENTO,
        integraciones=lista(objeto(**INTEGRACION, fecha_revocacion=nulo(MOMENTO))),
    )
)
CAMBIADO = objeto(mensaje=TEXTO, partner=objeto(**_ENTERO, fecha_actualizacion=MOMENTO))
ELIMINADO = objeto(mensaje=TEXTO, partner_id=TEXTO)
VERIFICADO = objeto(
    mensaje=TEXTO,
    partner=objeto(
        id=TEXTO,
        nombre=TEXTO,
        email=TEXTO,
        estado_kyc=TEXTO,
        documentos_kyc=LIBRE,
        fecha_actualizacion=MOMENTO,
    ),
)
INTEGRADO = objeto(mensaje=TEXTO, integracion=objeto(**INTEGRACION, partner_id=TEXTO))
REVOCADA = objeto(mensaje=TEXTO, integracion_id=TEXTO, motivo=nulo(TEXTO))
INICIADA = objeto(mensaje=TEXTO, saga_id=TEXTO, correlation_id=TEXTO, status=TEXTO, partner_data=LIBRE)
ESTADO_SAGA = objeto(saga_status=LIBRE)


def partner(p: Partner) -> dict[str, Any]:
    """Return a partner as its creation answers it."""
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
    """Return a partner as its verification answers it."""
    return {**partner(p), "documentos_kyc": p.documentos_kyc}


def fila(f: Any, campos: Sequence[str]) -> dict[str, Any]:
    """Return columns of a row."""
    return {campo: getattr(f, campo) for campo in campos}


def entero(f: Any, integraciones: Sequence[Any]) -> dict[str, Any]:
    """Return all of a partner."""
    propias = ("documentos_kyc", "fecha_actualizacion")
    suyas = [fila(i, (*INTEGRACION, "fecha_revocacion")) for i in integraciones]
    return {**fila(f, (*_ENTERO, *propias)), "integraciones": suyas}


def en_lista(f: Any) -> dict[str, Any]:
    """Return a partner as a list shows it."""
    return fila(f, (*_CORTO, "integraciones_count"))


def integracion(i: Integracion, partner_id: str) -> Mapping[str, Any]:
    """Return a new integration."""
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

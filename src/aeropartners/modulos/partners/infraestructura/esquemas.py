"""The bodies of the partners' API (004, section 4)."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from aeropartners.contratos.partners import EMAIL, LARGOS
from aeropartners.modulos.partners.dominio.partner import ESTADOS_KYC, TIPOS_INTEGRACION
from aeropartners.seedwork.infraestructura.web.esquemas import DESPLAZAMIENTO_MAXIMO, Esquema, Texto


class Email(Texto):
    """A plausible address: whether somebody reads it is not judged."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        texto = super()._deserialize(value, attr, data, **kw)
        if not re.fullmatch(EMAIL, texto):
            raise ValidationError("Debe ser una dirección de correo")
        return texto


class PartnerEsquema(Esquema):
    """A new partner."""

    nombre = Texto(required=True)
    email = Email(required=True, maximo=LARGOS["email"])
    telefono = Texto(maximo=LARGOS["telefono"], vacio=True, allow_none=True, load_default=None)
    direccion = Texto(maximo=LARGOS["direccion"], vacio=True, allow_none=True, load_default=None)


class PartnerDeSagaEsquema(PartnerEsquema):
    """A new partner by a saga; the contract's shape is judged by whoever starts it."""

    correlation_id = Texto(maximo=100, allow_none=True)
    contrato = fields.Dict(allow_none=True)


class CambioEsquema(Esquema):
    """What may change of a partner."""

    nombre = Texto()
    telefono = Texto(maximo=LARGOS["telefono"], vacio=True, allow_none=True)
    direccion = Texto(maximo=LARGOS["direccion"], vacio=True, allow_none=True)


class KycEsquema(Esquema):
    """The outcome of a verification; the domain knows which there are."""

    estado_kyc = Texto(required=True, maximo=30, palabras=ESTADOS_KYC)
    documentos = fields.Dict(load_default=None, allow_none=True)
    comentarios = Texto(maximo=2000, vacio=True, allow_none=True, load_default=None)


class IntegracionEsquema(Esquema):
    """A new integration; the domain knows which kinds there are."""

    tipo = Texto(required=True, maximo=20, palabras=TIPOS_INTEGRACION)
    nombre = Texto(required=True)
    descripcion = Texto(maximo=2000, vacio=True, allow_none=True, load_default=None)
    configuracion = fields.Dict(load_default=None, allow_none=True)


class RevocacionEsquema(Esquema):
    """Why an integration is revoked."""

    motivo = Texto(maximo=500, vacio=True, allow_none=True, load_default=None)


class PaginaEsquema(Esquema):
    """The query of a list; without a limit it is all."""

    limit = fields.Integer(validate=validate.Range(1, 1000))
    offset = fields.Integer(load_default=0, validate=validate.Range(0, DESPLAZAMIENTO_MAXIMO))

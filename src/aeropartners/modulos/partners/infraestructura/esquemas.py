"""The bodies and queries of the partners' API (004, section 4)."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from aeropartners.contratos.partners import EMAIL, LARGOS
from aeropartners.modulos.partners.dominio.partner import ESTADOS_KYC, TIPOS_INTEGRACION
from aeropartners.seedwork.infraestructura.web.esquemas import DESPLAZAMIENTO_MAXIMO, Esquema, Texto


class Email(Texto):
    """A plausible e-mail address; whether the mailbox exists is not checked."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        texto = super()._deserialize(value, attr, data, **kw)
        if not re.fullmatch(EMAIL, texto):
            raise ValidationError("Debe ser una dirección de correo")
        return texto


class PartnerEsquema(Esquema):
    """The body of a new partner."""

    nombre = Texto(required=True)
    email = Email(required=True, maximo=LARGOS["email"])
    telefono = Texto(maximo=LARGOS["telefono"], vacio=True, allow_none=True, load_default=None)
    direccion = Texto(maximo=LARGOS["direccion"], vacio=True, allow_none=True, load_default=None)


class PartnerDeSagaEsquema(PartnerEsquema):
    """The body of a new partner by a saga; the orchestrator validates the contract's fields."""

    correlation_id = Texto(maximo=100, allow_none=True)
    contrato = fields.Dict(allow_none=True)


class CambioEsquema(Esquema):
    """The body of a change of a partner."""

    nombre = Texto()
    telefono = Texto(maximo=LARGOS["telefono"], vacio=True, allow_none=True)
    direccion = Texto(maximo=LARGOS["direccion"], vacio=True, allow_none=True)


class KycEsquema(Esquema):
    """The outcome of a verification."""

    estado_kyc = Texto(required=True, maximo=30, palabras=ESTADOS_KYC)
    documentos = fields.Dict(load_default=None, allow_none=True)
    comentarios = Texto(maximo=2000, vacio=True, allow_none=True, load_default=None)


class IntegracionEsquema(Esquema):
    """The body of a new integration."""

    tipo = Texto(required=True, maximo=20, palabras=TIPOS_INTEGRACION)
    nombre = Texto(required=True)
    descripcion = Texto(maximo=2000, vacio=True, allow_none=True, load_default=None)
    configuracion = fields.Dict(load_default=None, allow_none=True)


class RevocacionEsquema(Esquema):
    """The body of a revocation."""

    motivo = Texto(maximo=500, vacio=True, allow_none=True, load_default=None)


class PaginaEsquema(Esquema):
    """The query of a list; without a limit it is all partners."""

    limit = fields.Integer(validate=validate.Range(1, 1000))
    offset = fields.Integer(load_default=0, validate=validate.Range(0, DESPLAZAMIENTO_MAXIMO))

"""The forms that several services read: a partner, its contract, and the start of its saga (004)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, post_load

from aeropartners.contratos.partners import EMAIL
from aeropartners.seedwork.aplicacion.formularios import Dia, Esquema, MontoJson, Parte, Texto

LARGO_CORRELACION = 100
LARGO_PARTNER_ID = 100
_MONTO = dict.fromkeys(("tipo", "rango"), "Debe ser un número finito y menor que 10^12")


class Email(Texto):
    """A plausible address: whether somebody reads it is not judged."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kw: Any) -> str:
        texto = super()._deserialize(value, attr, data, **kw)
        if not re.fullmatch(EMAIL, texto):
            raise ValidationError("Debe ser una dirección de correo")
        return texto


class DatosDePartnerEsquema(Esquema):
    """What may change of a partner."""

    nombre = Texto()
    telefono = Texto(maximo=50, vacio=True, allow_none=True)
    direccion = Texto(maximo=500, vacio=True, allow_none=True)


class PartnerEsquema(DatosDePartnerEsquema):
    """A new partner."""

    nombre = Texto(required=True)
    email = Email(required=True, maximo=254)


class DatosDeContratoEsquema(Esquema):
    """What may be said of the contract with a partner; what is null is not said."""

    tipo = Texto(maximo=20, allow_none=True)
    monto = MontoJson(centesimas=True, error_messages=_MONTO, allow_none=True)
    moneda = Texto(maximo=10, allow_none=True)
    fecha_inicio = Dia(allow_none=True)
    fecha_fin = Dia(allow_none=True)
    condiciones = Texto(vacio=True, allow_none=True)

    @post_load
    def dichos(self, datos: dict[str, Any], **_kw: Any) -> dict[str, Any]:
        """Leave out what is not said."""
        return {campo: valor for campo, valor in datos.items() if valor is not None}


@dataclass(frozen=True, slots=True)
class InicioDePartner:
    """A start that is right in form; amounts and dates of the contract are text, so that nothing is lost."""

    partner_data: dict[str, Any]
    contrato: dict[str, str]
    correlacion: str


class InicioDePartnerEsquema(PartnerEsquema):
    """The start of a partner saga; what amount or currency may be its rules say later."""

    correlation_id = Texto(maximo=LARGO_CORRELACION, allow_none=True)
    contrato = Parte(DatosDeContratoEsquema, allow_none=True)

    @post_load
    def inicio(self, datos: dict[str, Any], **_kw: Any) -> InicioDePartner:
        """Return the start."""
        partner = {campo: datos.get(campo) for campo in ("nombre", "email", "telefono", "direccion")}
        contrato = {campo: str(valor) for campo, valor in (datos.get("contrato") or {}).items()}
        return InicioDePartner(partner, contrato, datos.get("correlation_id") or "")


INICIO_DE_PARTNER = InicioDePartnerEsquema()

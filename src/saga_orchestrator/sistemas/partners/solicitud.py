"""The request to start a partner saga, validated alike over HTTP and as a message (004, sections 2 and 5)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from aeropartners.contratos.partners import EMAIL, LARGOS
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.valores import en_nfc

OPCIONALES = ("telefono", "direccion")
LARGOS_CONTRATO = {"tipo": 20, "moneda": 10, "condiciones": 255}
MONTO_MAXIMO = Decimal("1e12")
CORRELACION = 100


class SolicitudInvalida(ErrorDeDominio):
    """The request is invalid; the message names every wrong field."""

    codigo = "DATOS_INVALIDOS"


@dataclass(frozen=True, slots=True)
class Solicitud:
    """A valid request; amounts are text, so that no digit is lost."""

    partner_data: dict[str, Any]
    contrato: dict[str, Any]
    correlacion: str


def leer(datos: Mapping[str, Any]) -> Solicitud:
    """Return the request; raises SolicitudInvalida. The contract's rules check amount and currency later."""
    faltas: list[str] = []

    def tomar(campo: str, valor: object, leer_uno: Callable[[object], Any], obligatorio: bool = False) -> Any:
        if valor is None and not obligatorio:
            return None
        try:
            return leer_uno(valor)
        except ValueError as error:
            faltas.append(f"{campo}: {error}")
            return None

    partner = {
        "nombre": tomar("nombre", datos.get("nombre"), _texto(LARGOS["nombre"]), True),
        "email": tomar("email", datos.get("email"), _email, True),
        **{c: tomar(c, datos.get(c), _texto(LARGOS[c], vacio=True)) for c in OPCIONALES},
    }
    correlacion = tomar("correlation_id", datos.get("correlation_id"), _texto(CORRELACION))
    contrato: dict[str, Any] = tomar("contrato", datos.get("contrato"), _objeto) or {}
    leidos = {c: tomar(f"contrato.{c}", contrato.get(c), lee) for c, lee in _CONTRATO.items()}
    if faltas:
        raise SolicitudInvalida("; ".join(faltas))
    return Solicitud(partner, {c: v for c, v in leidos.items() if v is not None}, correlacion or "")


def _texto(maximo: int, *, vacio: bool = False) -> Callable[[object], str]:
    def leer_texto(valor: object) -> str:
        if not isinstance(valor, str) or "\x00" in valor:
            raise ValueError("debe ser un texto")
        texto = en_nfc(valor, maximo)
        if texto == "" and not vacio:
            raise ValueError("no puede estar vacío")
        if texto is None:
            raise ValueError(f"admite como máximo {maximo} caracteres")
        return texto

    return leer_texto


def _email(valor: object) -> str:
    texto = _texto(LARGOS["email"])(valor)
    if not re.fullmatch(EMAIL, texto):
        raise ValueError("debe ser una dirección de correo")
    return texto


def _objeto(valor: object) -> dict[str, Any]:
    if not isinstance(valor, dict):
        raise ValueError("debe ser un objeto")
    return valor


def _monto(valor: object) -> str:
    if isinstance(valor, bool) or not isinstance(valor, int | float | Decimal):
        raise ValueError("debe ser un número")
    monto = Decimal(str(valor))
    if not monto.is_finite() or abs(monto) >= MONTO_MAXIMO:
        raise ValueError("debe ser un número finito y menor que 10^12")
    if monto != monto.quantize(Decimal("0.01")):
        raise ValueError("admite como máximo dos decimales")
    return str(monto)


def _fecha(valor: object) -> str:
    try:
        return date.fromisoformat(str(valor)).isoformat()
    except ValueError as error:
        raise ValueError("debe ser una fecha ISO-8601 (AAAA-MM-DD)") from error


_CONTRATO: Mapping[str, Callable[[object], Any]] = {
    **{campo: _texto(largo) for campo, largo in LARGOS_CONTRATO.items()},
    "monto": _monto,
    "fecha_inicio": _fecha,
    "fecha_fin": _fecha,
}

"""Reads a saga's request for an alliance: any field may be wrong, and a missing one has a default."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from aeropartners.contratos.alianzas import CrearAlianza
from aeropartners.modulos.alianzas.dominio.reglas import Propuesta
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.valores import en_nfc

LARGOS = {"partner_id": 100, "tipo": 20, "moneda": 10, "condiciones": 255}
MONTO_MAXIMO = Decimal("1e12")


class PropuestaIlegible(ErrorDeDominio):
    """The rules cannot judge the request; the message names the wrong field."""

    codigo = "VALIDACION_GENERAL"


@dataclass(frozen=True, slots=True)
class PorDefecto:
    """The defaults of a contract: `CONTRATO_TIPO`, `CONTRATO_MONTO` and `CONTRATO_MONEDA`."""

    tipo: str = "CPA"
    monto: Decimal = Decimal("1000.00")
    moneda: str = "USD"


def leer(mensaje: CrearAlianza, defecto: PorDefecto, hoy: date) -> Propuesta:
    """Return the proposal; raises PropuestaIlegible."""
    contrato = {k: v for k, v in mensaje.contrato.items() if v is not None}
    inicio = contrato.get("fecha_inicio")
    fin = contrato.get("fecha_fin")
    return Propuesta(
        partner_id=_texto({"partner_id": mensaje.partner_id}, "partner_id", ""),
        estado_partner=str(mensaje.partner_data.get("estado") or "ACTIVO"),
        tipo=_texto(contrato, "tipo", defecto.tipo),
        monto=_monto(contrato.get("monto", defecto.monto)),
        moneda=_texto(contrato, "moneda", defecto.moneda),
        fecha_inicio=hoy if inicio is None else _fecha(inicio, "fecha_inicio"),
        fecha_fin=None if fin is None else _fecha(fin, "fecha_fin"),
        condiciones=_texto(contrato, "condiciones", "") or None,
    )


def _texto(datos: Mapping[str, Any], campo: str, defecto: str) -> str:
    valor = datos.get(campo, defecto)
    if not isinstance(valor, str) or "\x00" in valor:
        raise PropuestaIlegible(f"{campo} debe ser un texto")
    texto = en_nfc(valor, LARGOS[campo])
    if texto is None:
        raise PropuestaIlegible(f"{campo} admite como máximo {LARGOS[campo]} caracteres")
    return texto


def _monto(valor: object) -> Decimal:
    try:
        monto = Decimal(str(valor)) if not isinstance(valor, bool) else None
    except InvalidOperation:
        monto = None
    if monto is None or not monto.is_finite() or abs(monto) >= MONTO_MAXIMO:
        raise PropuestaIlegible("monto debe ser un número finito y menor que 10^12")
    return monto


def _fecha(valor: object, campo: str) -> date:
    try:
        return date.fromisoformat(str(valor))
    except ValueError as error:
        raise PropuestaIlegible(f"{campo} debe ser una fecha ISO-8601") from error

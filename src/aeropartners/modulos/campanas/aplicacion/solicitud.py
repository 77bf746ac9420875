"""Checks the form of a campaign in a saga, by the same rules as `POST /campaigns/`."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from aeropartners.modulos.campanas.dominio.eventos import CampanaCreada
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.valores import en_nfc, en_utc

TEXTOS = ("nombre", "tipo", "id_afiliado")
LARGO, LARGO_DESCRIPCION = 255, 2_000
MONTO_MAXIMO = Decimal("1e12")


class CampanaInvalida(ErrorDeDominio):
    """A field is missing or has a wrong type; the message names it."""

    codigo = "VALIDACION"


def leer(datos: dict[str, Any], ahora: datetime) -> CampanaCreada:
    """Return the campaign to create; raises CampanaInvalida."""
    faltan = [c for c in (*TEXTOS, "presupuesto", "fecha_inicio", "fecha_fin") if datos.get(c) is None]
    if faltan:
        raise CampanaInvalida(f"Campaña inválida: faltan {', '.join(faltan)}")
    presupuesto = datos["presupuesto"]
    if not isinstance(presupuesto, dict) or "monto" not in presupuesto or "moneda" not in presupuesto:
        raise CampanaInvalida("Campaña inválida: presupuesto debe ser {monto, moneda}")
    descripcion = datos.get("descripcion")
    return CampanaCreada(
        nombre=_texto(datos["nombre"], "nombre"),
        tipo=_texto(datos["tipo"], "tipo"),
        presupuesto_monto=_monto(presupuesto["monto"]),
        presupuesto_moneda=_texto(presupuesto["moneda"], "presupuesto.moneda"),
        fecha_inicio=_fecha(datos["fecha_inicio"], "fecha_inicio"),
        fecha_fin=_fecha(datos["fecha_fin"], "fecha_fin"),
        id_afiliado=_texto(datos["id_afiliado"], "id_afiliado"),
        descripcion=None if descripcion is None else _limpio(descripcion, "descripcion", LARGO_DESCRIPCION),
        fecha=ahora,
    )


def _texto(valor: object, campo: str) -> str:
    texto = _limpio(valor, campo, LARGO)
    if not texto:
        raise CampanaInvalida(f"Campaña inválida: {campo} debe ser un texto no vacío")
    return texto


def _limpio(valor: object, campo: str, maximo: int) -> str:
    if not isinstance(valor, str) or "\x00" in valor:
        raise CampanaInvalida(f"Campaña inválida: {campo} debe ser un texto")
    texto = en_nfc(valor, maximo)
    if texto is None:
        raise CampanaInvalida(f"Campaña inválida: {campo} admite como máximo {maximo} caracteres")
    return texto


def _monto(valor: object) -> Decimal:
    if isinstance(valor, bool) or not isinstance(valor, int | float | Decimal):
        raise CampanaInvalida("Campaña inválida: presupuesto.monto debe ser un número")
    monto = Decimal(str(valor)) if isinstance(valor, float) else Decimal(valor)
    if not monto.is_finite() or abs(monto) >= MONTO_MAXIMO:
        raise CampanaInvalida("Campaña inválida: presupuesto.monto debe ser finito y menor que 10^12")
    return monto


def _fecha(valor: object, campo: str) -> datetime:
    try:
        if not isinstance(valor, str):
            raise ValueError
        return en_utc(datetime.fromisoformat(valor))
    except (ValueError, OverflowError) as error:
        raise CampanaInvalida(f"Campaña inválida: {campo} debe ser una fecha ISO-8601") from error

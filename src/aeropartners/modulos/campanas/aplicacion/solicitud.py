"""Checks the form of a campaign that came through a saga, where anything may be wrong."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from aeropartners.modulos.campanas.dominio.eventos import CampanaCreada
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.valores import en_utc

TEXTOS = ("nombre", "tipo", "id_afiliado")
LARGO = 255


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
        descripcion=None if descripcion is None else str(descripcion).replace("\x00", "")[:2000],
        fecha=ahora,
    )


def _texto(valor: object, campo: str) -> str:
    if not isinstance(valor, str) or not valor.strip() or len(valor) > LARGO or "\x00" in valor:
        raise CampanaInvalida(f"Campaña inválida: {campo} debe ser un texto no vacío")
    return valor.strip()


def _monto(valor: object) -> Decimal:
    try:
        if isinstance(valor, bool) or not isinstance(valor, int | float | str | Decimal):
            raise InvalidOperation
        monto = Decimal(str(valor))
        if not monto.is_finite():
            raise InvalidOperation
    except InvalidOperation as error:
        raise CampanaInvalida("Campaña inválida: presupuesto.monto debe ser un número") from error
    return monto


def _fecha(valor: object, campo: str) -> datetime:
    try:
        if not isinstance(valor, str):
            raise ValueError
        return en_utc(datetime.fromisoformat(valor))
    except (ValueError, OverflowError) as error:
        raise CampanaInvalida(f"Campaña inválida: {campo} debe ser una fecha ISO-8601") from error

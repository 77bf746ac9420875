"""The form of a report that is asked for: the body of HTTP, and the part of a saga."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, post_load, validate

from aeropartners.modulos.reporting.dominio.reporte import TIPOS, Pedido
from aeropartners.seedwork.aplicacion.formularios import DE_UNO_A, Esquema, Parte, Texto, leer
from aeropartners.seedwork.dominio.errores import ErrorDeDominio

_UNO_DE = f"Debe ser uno de: {', '.join(TIPOS)}"


class PedidoInvalido(ErrorDeDominio):
    """Something is wrong in the request; the message says what."""

    codigo = "VALIDACION"


class Filtro(Texto):
    """One filter; what is null does not filter."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(allow_none=True, error_messages=DE_UNO_A, **kw)


def _fecha(texto: str) -> None:
    try:
        datetime.fromisoformat(texto)
    except ValueError as error:
        raise ValidationError("Debe ser una fecha ISO-8601") from error


class FiltrosEsquema(Esquema):
    """What a report is about."""

    fecha_inicio = Filtro(validate=_fecha)
    fecha_fin = Filtro(validate=_fecha)
    afiliado_id = Filtro()
    campana_id = Filtro()
    estado_pago = Filtro()
    moneda = Filtro()

    @post_load
    def dichos(self, datos: dict[str, Any], **_kw: Any) -> Any:
        """Leave out what does not filter."""
        return {campo: valor for campo, valor in datos.items() if valor is not None}


class PedidoEsquema(Esquema):
    """A report that is asked for."""

    tipo_reporte = Texto(
        required=True,
        palabras=TIPOS,
        validate=validate.OneOf(TIPOS, error=_UNO_DE),
        error_messages=dict.fromkeys(("tipo", "null", "vacio", "largo", "signos"), _UNO_DE),
    )
    filtros = Parte(FiltrosEsquema, allow_none=True)

    @post_load
    def pedido(self, datos: dict[str, Any], **_kw: Any) -> Pedido:
        """Return the request."""
        return Pedido(datos["tipo_reporte"], datos.get("filtros") or {})


PEDIDO, FILTROS = PedidoEsquema(), FiltrosEsquema()


def leer_pedido(datos: Mapping[str, Any]) -> Pedido:
    """Return the request of a saga, its filters nested or flat; raises PedidoInvalido."""
    filtros = datos.get("filtros")
    if not isinstance(filtros, Mapping | None):
        raise _invalido("filtros debe ser un objeto")
    pedido: Pedido = leer(PEDIDO, {"tipo_reporte": datos.get("tipo_reporte") or ""}, _invalido)
    return Pedido(pedido.tipo, leer(FILTROS, datos if filtros is None else filtros, _invalido))


def _invalido(faltas: str) -> PedidoInvalido:
    return PedidoInvalido(f"Reporte inválido: {faltas}")

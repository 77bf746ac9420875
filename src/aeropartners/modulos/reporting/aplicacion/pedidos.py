"""Reads a request for a report, by the same rules over HTTP and in a saga."""

from collections.abc import Mapping
from datetime import datetime

from aeropartners.modulos.reporting.dominio.reporte import TIPOS, Pedido
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.valores import en_nfc

FECHAS = ("fecha_inicio", "fecha_fin")
FILTROS = (*FECHAS, "afiliado_id", "campana_id", "estado_pago", "moneda")
LARGO_FILTRO = 255


class PedidoInvalido(ErrorDeDominio):
    """The request is invalid; `campo` names the wrong field."""

    codigo = "VALIDACION"

    def __init__(self, campo: str, falta: str) -> None:
        super().__init__(f"Reporte inválido: {campo} {falta}")
        self.campo = campo
        self.falta = falta


def leer_pedido(datos: Mapping[str, object]) -> Pedido:
    """Return the request; raises PedidoInvalido. Unknown fields are ignored.

    The filters may be in `filtros` or beside `tipo_reporte`.
    """
    tipo = datos.get("tipo_reporte")
    if not isinstance(tipo, str) or (tipo := en_nfc(tipo, LARGO_FILTRO) or "") not in TIPOS:
        raise PedidoInvalido("tipo_reporte", f"debe ser uno de: {', '.join(TIPOS)}")
    crudos = datos.get("filtros")
    if crudos is None:
        crudos = datos
    if not isinstance(crudos, Mapping):
        raise PedidoInvalido("filtros", "debe ser un objeto")
    return Pedido(tipo, {c: _filtro(c, crudos[c]) for c in FILTROS if crudos.get(c) is not None})


def _filtro(campo: str, valor: object) -> str:
    if not isinstance(valor, str) or "\x00" in valor:
        raise PedidoInvalido(campo, "debe ser un texto")
    texto = en_nfc(valor, LARGO_FILTRO)
    if not texto:
        raise PedidoInvalido(campo, f"debe tener de 1 a {LARGO_FILTRO} caracteres")
    if campo in FECHAS:
        _exigir_fecha(campo, texto)
    return texto


def _exigir_fecha(campo: str, texto: str) -> None:
    try:
        datetime.fromisoformat(texto)
    except ValueError as error:
        raise PedidoInvalido(campo, "debe ser una fecha ISO-8601") from error

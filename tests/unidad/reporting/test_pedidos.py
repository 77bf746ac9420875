"""What a request for a report may say, nested or flat."""

import pytest

from aeropartners.contratos.reporting import GenerarReporteDeSaga
from aeropartners.modulos.reporting.aplicacion.pedidos import PedidoInvalido, leer_pedido
from aeropartners.modulos.reporting.dominio.reporte import Pedido
from tests.dobles.unidad_de_trabajo import ID
from tests.unidad.reporting.mundo import Mundo

TIPO = "metricas_generales"
FECHAS = {"fecha_inicio": "2025-01-01", "fecha_fin": "2025-12-31T23:59:59Z"}


@pytest.mark.parametrize(
    ("datos", "filtros"),
    [
        ({}, {}),
        ({"filtros": None}, {}),
        ({"filtros": {}, "moneda": "USD"}, {}),
        ({"filtros": FECHAS, "otro": 1}, FECHAS),
        (FECHAS | {"timeout": 3}, FECHAS),
        ({"filtros": None} | FECHAS, FECHAS),
        ({"filtros": {"moneda": " USD ", "afiliado_id": None, "otro": [1]}}, {"moneda": "USD"}),
        ({"afiliado_id": "n\u0303"}, {"afiliado_id": "\u00f1"}),
    ],
)
def test_filtros(datos: dict[str, object], filtros: dict[str, str]) -> None:
    """Flat fields are filters when none are nested; extra fields are ignored, text is NFC."""
    assert leer_pedido({"tipo_reporte": TIPO} | datos) == Pedido(TIPO, filtros)


def test_tipo_descompuesto() -> None:
    """A type whose letters came decomposed is the type."""
    assert leer_pedido({"tipo_reporte": "CAMPAN\u0303A_COMPLETA"}).tipo == "CAMPAÑA_COMPLETA"


@pytest.mark.parametrize(
    ("datos", "campo"),
    [
        ({"tipo_reporte": None}, "tipo_reporte"),
        ({"tipo_reporte": "ventas"}, "tipo_reporte"),
        ({"tipo_reporte": ["metricas_generales"]}, "tipo_reporte"),
        ({"filtros": "todos"}, "filtros"),
        ({"filtros": [FECHAS]}, "filtros"),
        ({"filtros": {"fecha_inicio": "ayer"}}, "fecha_inicio"),
        ({"filtros": {"fecha_fin": "2025-02-30"}}, "fecha_fin"),
        ({"filtros": {"fecha_fin": 20250101}}, "fecha_fin"),
        ({"fecha_inicio": "2025-01-01; DROP"}, "fecha_inicio"),
        ({"filtros": {"moneda": 1}}, "moneda"),
        ({"filtros": {"afiliado_id": "  "}}, "afiliado_id"),
        ({"filtros": {"afiliado_id": "x" * 256}}, "afiliado_id"),
        ({"filtros": {"campana_id": "a\x00b"}}, "campana_id"),
    ],
)
def test_pedido_invalido(datos: dict[str, object], campo: str) -> None:
    """Whatever is wrong is named."""
    with pytest.raises(PedidoInvalido) as rechazo:
        leer_pedido({"tipo_reporte": TIPO} | datos)
    assert rechazo.value.codigo == "VALIDACION"
    assert rechazo.value.mensaje.startswith(f"Reporte inválido: {campo} ")


def test_rechazo_a_la_saga() -> None:
    """To a saga it is a final refusal with the reason; nothing is fetched and nothing is kept."""
    mundo = Mundo()
    respuesta = mundo.saga(GenerarReporteDeSaga(ID, {"tipo_reporte": "ventas"}))
    assert respuesta is not None
    assert (respuesta.exito, respuesta.reintentable, respuesta.codigo) == (False, False, "VALIDACION")
    assert "tipo_reporte" in respuesta.error
    assert (mundo.ordenes(), mundo.historias) == ([], {})

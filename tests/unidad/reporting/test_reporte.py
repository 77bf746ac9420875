"""The report, by events: given what happened, when something is asked, then these events or a rule."""

import pytest

from aeropartners.modulos.reporting.dominio.reporte import (
    COMPLETA,
    TIPOS,
    Estado,
    Pedido,
    Reporte,
    ReporteAnulado,
    ReporteCancelado,
    ReporteGenerado,
    ReporteYaAnulado,
)
from tests.dobles.unidad_de_trabajo import ID
from tests.unidad.reporting.mundo import AHORA

PEDIDO = Pedido("metricas_generales", {"moneda": "USD"})
GENERADO = ReporteGenerado(
    "metricas_20250102_030405_222222222222", PEDIDO.tipo, PEDIDO.filtros, {"total": 1}, "v1", AHORA
)
CANCELADO = ReporteCancelado("no", AHORA)
ANULADO = ReporteAnulado("no", AHORA)


def dado(*eventos: object) -> Reporte:
    """Return a report with this past."""
    reporte = Reporte(ID)
    reporte.reproducir(list(eventos))
    return reporte


def generar(reporte: Reporte) -> None:
    reporte.generar(PEDIDO, {"total": 1}, "v1", AHORA)


def test_generar() -> None:
    """A report keeps its data, its filters and the version of the service that gave them."""
    reporte = dado()
    generar(reporte)
    assert (reporte.pendientes, reporte.estado) == ([GENERADO], Estado.GENERADO)


def test_generar_dos_veces() -> None:
    """A report that is there stays as it is, whatever data come later."""
    reporte = dado(GENERADO)
    reporte.generar(PEDIDO, {"otros": 2}, "v2", AHORA)
    assert (reporte.pendientes, reporte.ficha) == ([], GENERADO)


@pytest.mark.parametrize("pasado", [[ANULADO], [GENERADO, CANCELADO]])
def test_generar_tarde(pasado: list[object]) -> None:
    """What comes after the undo is refused, and changes nothing."""
    reporte = dado(*pasado)
    with pytest.raises(ReporteYaAnulado) as rechazo:
        generar(reporte)
    assert rechazo.value.codigo == "ANULADO"
    assert reporte.pendientes == []


@pytest.mark.parametrize(
    ("pasado", "nuevos"),
    [([], [ANULADO]), ([GENERADO], [CANCELADO]), ([GENERADO, CANCELADO], []), ([ANULADO], [])],
)
def test_cancelar(pasado: list[object], nuevos: list[object]) -> None:
    """A report is cancelled once; one that is not there yet is marked once."""
    reporte = dado(*pasado)
    reporte.cancelar("no", AHORA)
    assert (reporte.pendientes, reporte.estado) == (nuevos, Estado.CANCELADO)


@pytest.mark.parametrize("tipo", TIPOS)
def test_nombre_publico(tipo: str) -> None:
    """The name says type and moment and ends in the stream's own digits; a complete one is the uuid."""
    reporte = dado()
    reporte.generar(Pedido(tipo, {}), {}, "v1", AHORA)
    assert reporte.ficha is not None
    prefijo = tipo.split("_")[0]
    esperado = str(ID) if tipo == COMPLETA else f"{prefijo}_20250102_030405_222222222222"
    assert reporte.ficha.id_publico == esperado

"""How a campaign does: ratios to two decimals, the verdict and the hints, with their limits."""

from decimal import Decimal

import pytest

from aeropartners.modulos.campanas.dominio.metricas import Metricas

PRESUPUESTO = Decimal(100)


@pytest.mark.parametrize(
    ("metricas", "esperado"),
    [
        (Metricas(), ("0.00", "0.00", "0.00", "0.00", "0.00")),
        (Metricas(1000, 30, 2, Decimal("90.25")), ("3.00", "6.67", "10.80", "3.01", "45.13")),
        (Metricas(800, 1, 0, Decimal(10)), ("0.13", "0.00", "-100.00", "10.00", "0.00")),
        (Metricas(0, 3, 1, Decimal(0)), ("0.00", "33.33", "0.00", "0.00", "0.00")),
    ],
)
def test_cocientes(metricas: Metricas, esperado: tuple[str, ...]) -> None:
    """A conversion counts 50, halves round up, and a zero divisor gives 0."""
    m = metricas
    assert (m.ctr, m.tasa_conversion, m.roi, m.cpc, m.cpa) == tuple(map(Decimal, esperado))


@pytest.mark.parametrize(
    ("impresiones", "clicks", "conversiones", "gasto", "grado"),
    [
        (4900, 100, 4, "99", "EXCELENTE"),
        (4900, 100, 4, "100", "BUENO"),
        (5000, 100, 4, "99", "BUENO"),
        (4900, 100, 3, "74", "BUENO"),
        (4900, 100, 3, "100", "REGULAR"),
        (6700, 100, 3, "74", "REGULAR"),
        (4900, 100, 2, "10", "REGULAR"),
        (4900, 100, 2, "100", "DEFICIENTE"),
        (10000, 100, 2, "10", "DEFICIENTE"),
        (4900, 100, 1, "10", "DEFICIENTE"),
        (0, 0, 0, "0", "DEFICIENTE"),
    ],
)
def test_rendimiento(impresiones: int, clicks: int, conversiones: int, gasto: str, grado: str) -> None:
    """A grade asks for more than each of its three limits; the limit itself is one grade less."""
    assert Metricas(impresiones, clicks, conversiones, Decimal(gasto)).rendimiento == grado


@pytest.mark.parametrize(
    ("metricas", "tipos"),
    [
        (Metricas(), ["CTR_BAJO", "CONVERSION_BAJA"]),
        (Metricas(10000, 100, 2, Decimal(80)), []),
        (Metricas(10000, 99, 2, Decimal(80)), ["CTR_BAJO"]),
        (Metricas(10000, 101, 2, Decimal(80)), ["CONVERSION_BAJA"]),
        (Metricas(10000, 100, 2, Decimal("80.01")), ["PRESUPUESTO_ALTO"]),
    ],
)
def test_sugerencias(metricas: Metricas, tipos: list[str]) -> None:
    """Each hint has its limit, its text and its priority."""
    sugerencias = metricas.sugerencias(PRESUPUESTO)
    assert [s["tipo"] for s in sugerencias] == tipos
    assert all(s["mensaje"] and s["prioridad"] in ("ALTA", "MEDIA") for s in sugerencias)


def test_sin_presupuesto() -> None:
    """A campaign without budget has not spent too much of it."""
    sanas = Metricas(10000, 100, 2)
    assert sanas.sugerencias(Decimal(0)) == []

"""The figures of a campaign: ratios, a grade, and hints (001, section 4)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENTESIMA = Decimal("0.01")
VALOR_CONVERSION = Decimal(50)
GRADOS = (("EXCELENTE", 100, Decimal(2), 3), ("BUENO", 50, Decimal("1.5"), 2), ("REGULAR", 0, Decimal(1), 1))
DEFICIENTE = "DEFICIENTE"
RENDIMIENTOS = (*(grado for grado, *_ in GRADOS), DEFICIENTE)


@dataclass(frozen=True, slots=True)
class Metricas:
    """The counts and the spend of a campaign."""

    impresiones: int = 0
    clicks: int = 0
    conversiones: int = 0
    gasto_actual: Decimal = Decimal(0)

    @property
    def ctr(self) -> Decimal:
        """Clicks per hundred impressions."""
        return cociente(Decimal(self.clicks) * 100, self.impresiones)

    @property
    def tasa_conversion(self) -> Decimal:
        """Conversions per hundred clicks."""
        return cociente(Decimal(self.conversiones) * 100, self.clicks)

    @property
    def roi(self) -> Decimal:
        """Return on spend in per cent; a conversion counts 50."""
        ingreso = VALOR_CONVERSION * self.conversiones
        return cociente((ingreso - self.gasto_actual) * 100, self.gasto_actual)

    @property
    def cpc(self) -> Decimal:
        """Spend per click."""
        return cociente(self.gasto_actual, self.clicks)

    @property
    def cpa(self) -> Decimal:
        """Spend per conversion."""
        return cociente(self.gasto_actual, self.conversiones)

    @property
    def rendimiento(self) -> str:
        """The grade of the campaign, from its ROI, CTR and conversion rate."""
        for grado, roi, ctr, conversion in GRADOS:
            if self.roi > roi and self.ctr > ctr and self.tasa_conversion > conversion:
                return grado
        return DEFICIENTE

    def sugerencias(self, presupuesto: Decimal) -> list[dict[str, str]]:
        """Return the hints that apply, each with its type, text and priority."""
        reglas = (
            (self.ctr < 1, "CTR_BAJO", "El CTR es menor que 1 %: revise los anuncios", "ALTA"),
            (
                self.tasa_conversion < 2,
                "CONVERSION_BAJA",
                "La conversión es menor que 2 %: revise la página de destino",
                "MEDIA",
            ),
            (
                self.gasto_actual * 100 > presupuesto * 80,
                "PRESUPUESTO_ALTO",
                "Se gastó más del 80 % del presupuesto",
                "ALTA",
            ),
        )
        return [{"tipo": t, "mensaje": m, "prioridad": p} for aplica, t, m, p in reglas if aplica]


def cociente(dividendo: Decimal, divisor: Decimal | int) -> Decimal:
    """Return the quotient, rounded to two decimals; 0 for a zero divisor."""
    if divisor == 0:
        return Decimal("0.00")
    return (dividendo / divisor).quantize(CENTESIMA, ROUND_HALF_UP)

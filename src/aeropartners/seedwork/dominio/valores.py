"""Values shared by the domains: money, instants in UTC, and text as it is stored."""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from aeropartners.seedwork.dominio.errores import ErrorDeDominio

MONEDAS = ("USD", "EUR", "COP")


class MonedaDesconocida(ErrorDeDominio):
    """The contracts do not list this currency."""

    codigo = "MONEDA_DESCONOCIDA"


@dataclass(frozen=True, slots=True)
class Dinero:
    """An exact amount (at most two decimals, as the gateway settles) in one of `MONEDAS`."""

    monto: Decimal
    moneda: str

    def __post_init__(self) -> None:
        if self.moneda not in MONEDAS:
            raise MonedaDesconocida(f"Moneda no soportada: {self.moneda}")
        if not self.monto.is_finite():
            raise ErrorDeDominio("El monto debe ser un número finito", "MONTO_INVALIDO")
        if self.monto != self.monto.quantize(Decimal("0.01")):
            raise ErrorDeDominio("El monto admite como máximo dos decimales", "MONTO_INVALIDO")


def en_nfc(texto: str, maximo: int) -> str | None:
    """Return the text stripped and in NFC; None if it is longer than `maximo`, before or after NFC.

    The length is checked first: normalising combining marks takes quadratic time.
    """
    texto = texto.strip()
    if len(texto) > maximo:
        return None
    texto = unicodedata.normalize("NFC", texto)
    return texto if len(texto) <= maximo else None


def en_utc(momento: datetime) -> datetime:
    """Return the instant in UTC; an instant without a zone is in UTC already (contracts, section 3)."""
    return momento.replace(tzinfo=UTC) if momento.tzinfo is None else momento.astimezone(UTC)

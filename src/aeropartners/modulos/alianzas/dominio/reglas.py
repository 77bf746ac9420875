"""The compliance rules: each is a named value, and all of them are a tuple (004, section 5)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

MONTO_MAXIMO, MONTO_SIN_AVISO = Decimal(50_000), Decimal(10_000)
MONEDAS = ("USD", "EUR", "COP", "MXN")
ESTADOS_DE_PARTNER = ("ACTIVO", "PENDIENTE", "SUSPENDIDO")
LARGO_DE_PARTNER = 10
TIPOS = ("CPA", "CPL", "CPC", "revshare", "fijo")
AVISO = f"El monto supera {MONTO_SIN_AVISO}: aprobado con advertencia"


@dataclass(frozen=True, slots=True)
class Propuesta:
    """A request for an alliance."""

    partner_id: str
    estado_partner: str
    tipo: str
    monto: Decimal
    moneda: str
    fecha_inicio: date
    fecha_fin: date | None = None
    condiciones: str | None = None


@dataclass(frozen=True, slots=True)
class Regla:
    """A rule: its condition, and the name and text of its breach."""

    validacion: str
    causa: str
    cumple: Callable[[Propuesta], bool]


REGLAS = (
    Regla(
        "MONTO_INVALIDO",
        f"El monto debe estar entre 0 y {MONTO_MAXIMO}",
        lambda p: 0 <= p.monto <= MONTO_MAXIMO,
    ),
    Regla(
        "MONEDA_NO_PERMITIDA",
        f"La moneda debe ser una de {', '.join(MONEDAS)}",
        lambda p: p.moneda in MONEDAS,
    ),
    Regla(
        "PARTNER_INVALIDO",
        f"El id del partner debe tener al menos {LARGO_DE_PARTNER} caracteres",
        lambda p: len(p.partner_id) >= LARGO_DE_PARTNER,
    ),
    Regla(
        "ESTADO_INVALIDO",
        f"El partner debe estar en uno de {', '.join(ESTADOS_DE_PARTNER)}",
        lambda p: p.estado_partner in ESTADOS_DE_PARTNER,
    ),
    Regla("VALIDACION_GENERAL", f"El tipo debe ser uno de {', '.join(TIPOS)}", lambda p: p.tipo in TIPOS),
    Regla(
        "VALIDACION_GENERAL",
        "La fecha de fin no puede ser anterior a la de inicio",
        lambda p: p.fecha_fin is None or p.fecha_inicio <= p.fecha_fin,
    ),
)


def primera_rota(propuesta: Propuesta) -> Regla | None:
    """Return the first rule that the proposal breaks, or None."""
    return next((regla for regla in REGLAS if not regla.cumple(propuesta)), None)


def aviso(propuesta: Propuesta) -> str | None:
    """Return the warning of an approved proposal; None when it has none."""
    return AVISO if propuesta.monto > MONTO_SIN_AVISO else None

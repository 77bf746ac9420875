"""The real state of a payment, asked of the payments service over HTTP."""

from typing import Any
from uuid import UUID

import httpx

from aeropartners.seedwork.infraestructura.web.errores import NoDisponible

PLAZO_S = 5


def leer_pago(url: str, id: UUID) -> dict[str, Any] | None:
    """Return the payment, or None when there is none; a service that has no time for it has not said so."""
    leido = httpx.get(f"{url}/pagos/{id}", timeout=PLAZO_S)
    if leido.status_code == 429 or leido.status_code >= 500:
        raise NoDisponible(f"pagos contestó {leido.status_code}")
    return leido.json() if leido.status_code == 200 else None

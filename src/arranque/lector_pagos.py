"""The real state of a payment, asked of the payments service over HTTP."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx

from aeropartners.seedwork.infraestructura.web.errores import NoDisponible

PLAZO_S = 5


def leer_pago(url: str, id: UUID, cabeceras: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the payment, or None when there is none; a service that has no time for it has not said so."""
    leido = httpx.get(f"{url}/pagos/{id}", headers=cabeceras, timeout=PLAZO_S)
    # Nor has one that refuses our key: only a 404 says that it does not exist.
    if leido.status_code in (401, 403, 429) or leido.status_code >= 500:
        raise NoDisponible(f"pagos contestó {leido.status_code}")
    return leido.json() if leido.status_code == 200 else None

"""The orchestrator as the BFF calls it: HTTP with a deadline; in the embedded mode the same over WSGI."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

PLAZO_S = 10.0
REENVIADAS = (
    "idempotency-key",
    "x-correlation-id",
    "x-saga-id",
    "x-operador",
    "authorization",
    "content-type",
)


class OrquestadorCaido(Exception):
    """The orchestrator did not answer in time; the client may repeat with the same key."""


class ClienteOrquestador:
    """Forwards a request as it is, query string and body included. Safe from several threads.

    `caido_desde` is when it first found nobody, until an answer comes.
    """

    caido_desde: datetime | None = None

    def __init__(self, url: str, aplicacion: Callable[..., Any] | None = None) -> None:
        transporte = httpx.WSGITransport(app=aplicacion) if aplicacion else None
        self._http = httpx.Client(
            base_url=url,
            timeout=PLAZO_S,
            transport=transporte,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=50),
        )

    def reenviar(
        self, metodo: str, ruta: str, consulta: bytes, cuerpo: bytes, cabeceras: Mapping[str, str]
    ) -> httpx.Response:
        """Return the orchestrator's answer; raises OrquestadorCaido."""
        elegidas = {k: v for k, v in cabeceras.items() if k.lower() in REENVIADAS}
        url = httpx.URL(ruta, query=consulta) if consulta else httpx.URL(ruta)
        try:
            respuesta = self._http.request(metodo, url, content=cuerpo, headers=elegidas)
        except httpx.HTTPError as error:
            self.caido_desde = self.caido_desde or datetime.now(UTC)
            raise OrquestadorCaido(f"{type(error).__name__}: {error}") from error
        self.caido_desde = None
        return respuesta

"""The orchestrator as the BFF calls it: HTTP with a deadline; in the embedded mode the same over WSGI."""

from collections.abc import Callable, Mapping
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
    """Forwards a request as it is, query string and body included. Safe from several threads."""

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
            return self._http.request(metodo, url, content=cuerpo, headers=elegidas)
        except httpx.HTTPError as error:
            raise OrquestadorCaido(f"{type(error).__name__}: {error}") from error

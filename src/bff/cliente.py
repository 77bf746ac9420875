"""The orchestrator as the BFF calls it: HTTP with a deadline; in the embedded mode the same over WSGI."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from ssl import SSLContext
from typing import Any
from urllib.parse import quote, unquote

import httpx

PLAZO_S = 10.0
DE_CONSULTA = "%&=+/?:@!$'()*,;"
REENVIADAS = (
    "idempotency-key",
    "x-correlation-id",
    "x-saga-id",
    "x-operador",
    "x-origen",
    "authorization",
    "x-api-key",
    "content-type",
)


class OrquestadorCaido(Exception):
    """The orchestrator did not answer in time; the client may repeat with the same key."""


class _EnProceso(httpx.BaseTransport):
    """The orchestrator in this process. WSGI carries bytes as latin-1, which httpx's own adapter does not."""

    def __init__(self, aplicacion: Callable[..., Any]) -> None:
        self._aplicacion = aplicacion

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        ruta = request.url.raw_path.split(b"?")[0].decode()
        crudas = {"PATH_INFO": unquote(ruta, "latin-1")}
        for nombre, valor in request.headers.raw:
            if not valor.isascii():
                crudas[f"HTTP_{nombre.decode().upper().replace('-', '_')}"] = valor.decode("latin-1")
                del request.headers[nombre.decode()]

        def completa(entorno: dict[str, Any], responder: Any) -> Any:
            return self._aplicacion({**entorno, **crudas}, responder)

        return httpx.WSGITransport(app=completa).handle_request(request)


class ClienteOrquestador:
    """Forwards a request as it is, query string and body included. Safe from several threads.

    `caido_desde` is when it first found nobody, until an answer comes.
    """

    caido_desde: datetime | None = None

    def __init__(
        self,
        url: str,
        aplicacion: Callable[..., Any] | None = None,
        confianza: SSLContext | bool = True,
    ) -> None:
        transporte = _EnProceso(aplicacion) if aplicacion else None
        self._http = httpx.Client(
            base_url=url,
            timeout=PLAZO_S,
            transport=transporte,
            verify=confianza,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=50),
        )

    def reenviar(
        self, metodo: str, ruta: str, consulta: bytes, cuerpo: bytes, cabeceras: Mapping[str, str]
    ) -> httpx.Response:
        """Return the orchestrator's answer; raises OrquestadorCaido.

        `ruta` comes decoded: quoted again, so that a `?` in an id is not the start of a query.
        """
        elegidas = [
            (k.encode(), v.encode("latin-1")) for k, v in cabeceras.items() if k.lower() in REENVIADAS
        ]
        url = httpx.URL(
            quote(ruta, errors="replace") + ("?" + quote(consulta, DE_CONSULTA) if consulta else "")
        )
        try:
            respuesta = self._http.request(metodo, url, content=cuerpo, headers=elegidas)
        except httpx.HTTPError as error:
            self.caido_desde = self.caido_desde or datetime.now(UTC)
            raise OrquestadorCaido(f"{type(error).__name__}: {error}") from error
        self.caido_desde = None
        return respuesta

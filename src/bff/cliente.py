"""The client of the orchestrator: HTTP with a deadline; in the embedded mode, the same over WSGI."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from ssl import SSLContext
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from flask import Response, g, request
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError
from werkzeug.wrappers import Response as Recibida

PLAZO_S = 10.0
CONEXIONES = 100
DE_CONSULTA = "%&=+/?:@!$'()*,;"
REENVIADAS = (
    "Idempotency-Key",
    "X-Saga-ID",
    "X-Operador",
    "Authorization",
    "X-API-Key",
    "Content-Type",
)


class OrquestadorCaido(Exception):
    """The orchestrator did not answer in time; the client may repeat the request with the same key."""


@dataclass(frozen=True, slots=True)
class Reenvio:
    """A request to forward. `ruta` is decoded; `consulta` is quoted; text in `cabeceras` is latin-1."""

    metodo: str
    ruta: str
    consulta: str
    cuerpo: bytes
    cabeceras: Mapping[str, str]


class Camino(Protocol):
    """A way to the orchestrator: returns status, body and Retry-After; raises OrquestadorCaido.

    Safe from several threads.
    """

    def __call__(self, reenvio: Reenvio, /) -> tuple[int, bytes, str | None]: ...


class PorRed:
    """The way over HTTP. By urllib3: httpx took as much CPU as the rest of the BFF (ADR 22)."""

    def __init__(self, url: str, confianza: SSLContext) -> None:
        self._base = urlsplit(url).path.rstrip("/")
        red = PoolManager(maxsize=CONEXIONES, timeout=PLAZO_S, retries=False, ssl_context=confianza)
        self._conexiones = red.connection_from_url(url)

    def __call__(self, reenvio: Reenvio) -> tuple[int, bytes, str | None]:
        """Send the request once, over a kept connection; a redirection is passed on as it is."""
        consulta = f"?{reenvio.consulta}" if reenvio.consulta else ""
        try:
            respuesta = self._conexiones.urlopen(
                reenvio.metodo,
                self._base + quote(reenvio.ruta, errors="replace") + consulta,
                body=reenvio.cuerpo or None,
                headers=reenvio.cabeceras,
            )
        except HTTPError as error:
            raise OrquestadorCaido(f"{type(error).__name__}: {error}") from error
        return respuesta.status, respuesta.data, respuesta.headers.get("Retry-After")


class EnProceso:
    """The way to an orchestrator in this process, over WSGI."""

    def __init__(self, aplicacion: Callable[..., Any]) -> None:
        self._aplicacion = aplicacion

    def __call__(self, reenvio: Reenvio) -> tuple[int, bytes, str | None]:
        """Call the application as a server would; text in WSGI is bytes decoded as latin-1."""
        entorno = {
            **{k: v for k, v in request.environ.items() if k.startswith(("wsgi.", "SERVER_"))},
            **{f"HTTP_{k.upper().replace('-', '_')}": v for k, v in reenvio.cabeceras.items()},
            "REMOTE_ADDR": "127.0.0.1",
            "REQUEST_METHOD": reenvio.metodo,
            "SCRIPT_NAME": "",
            "PATH_INFO": reenvio.ruta.encode(errors="replace").decode("latin-1"),
            "QUERY_STRING": reenvio.consulta,
            "CONTENT_TYPE": reenvio.cabeceras.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(reenvio.cuerpo)),
            "wsgi.input": BytesIO(reenvio.cuerpo),
        }
        respuesta = Recibida.from_app(self._aplicacion, entorno, buffered=True)
        return respuesta.status_code, respuesta.get_data(), respuesta.headers.get("Retry-After")


class ClienteOrquestador:
    """Forwards a request unchanged, with its query string and body. Safe from several threads.

    `caido_desde`: when the orchestrator first did not answer; None after an answer.
    """

    caido_desde: datetime | None = None

    def __init__(self, camino: Camino, clave: str = "") -> None:
        """`clave` is this service's own key: with it, the orchestrator believes our `X-Origen`."""
        self._camino = camino
        self._clave = {"X-Clave-De-Servicio": clave} if clave else {}

    def reenviar(self, ruta: str) -> Response:
        """Return the orchestrator's answer to the present request at `ruta`; raises OrquestadorCaido."""
        suyas = {k: request.headers[k] for k in REENVIADAS if k in request.headers}
        nuestras = {"X-Correlation-ID": g.correlacion_id, "X-Origen": request.remote_addr or ""}
        consulta = quote(request.query_string, DE_CONSULTA)
        reenvio = Reenvio(request.method, ruta, consulta, request.get_data(), suyas | nuestras | self._clave)
        try:
            estado, cuerpo, espera = self._camino(reenvio)
        except OrquestadorCaido:
            self.caido_desde = self.caido_desde or datetime.now(UTC)
            raise
        self.caido_desde = None
        respuesta = Response(cuerpo, estado, mimetype="application/json")
        if espera:
            respuesta.headers["Retry-After"] = espera
        return respuesta

"""What a process asks of its neighbours: over HTTP, or in the process when it serves them itself."""

from collections.abc import Callable, Mapping
from ssl import SSLContext
from typing import Any
from uuid import UUID

import httpx
from flask import Flask

from aeropartners.modulos.reporting.infraestructura.fuente_http import FuenteHttp
from aeropartners.seedwork.infraestructura.web.errores import NoDisponible
from arranque.acceso import cabecera
from arranque.contenedor import Contenedor

PLAZO_S = 5.0
CONEXIONES = httpx.Limits(max_connections=100, max_keepalive_connections=50)


class Caminos:
    """The services that others call; an application that is served here is called without a network.

    One that the configuration has elsewhere is called there, whatever is served here. A call shows the key
    of services, and in the process a key that no other process has. `principal` is the main application,
    once there is one.
    """

    principal: Flask | None = None

    def __init__(self, contenedor: Contenedor) -> None:
        self._c = contenedor
        self._config = contenedor.config()
        self._propias: dict[str, Flask] = {}

    def servir(self, url: str, app: Flask) -> Flask:
        """Say that this process serves the application of a default address."""
        self._propias[url] = app
        return app

    def integraciones(self) -> httpx.Client:
        """The service of partners."""
        return self._cliente(self._config.integraciones_api_url)

    def orquestador(self) -> httpx.Client:
        """The orchestrator of partner sagas."""
        return self._cliente(self._config.saga_orchestrator_url)

    def fuente(self) -> FuenteHttp:
        """Where reports take their data from."""

        def propia(entorno: Any, responder: Any) -> Any:
            assert self.principal is not None
            return self.principal(entorno, responder)

        activa = self._c.lecturas_reporting().activa
        return FuenteHttp(activa, self._config.campaigns_url, propia, self._interna(), self._c.confianza())

    def leer_pago(self, id: UUID) -> dict[str, Any] | None:
        """Return the real state of a payment."""
        if self.principal is None:
            return leer_pago(self._config.pagos_url, id, self._externa(), self._c.confianza())
        respuesta = self.principal.test_client().get(f"/pagos/{id}", headers=self._interna())
        return respuesta.get_json() if respuesta.status_code == 200 else None

    def _interna(self) -> Mapping[str, str]:
        return cabecera(self._c.clave_interna())

    def _externa(self) -> Mapping[str, str]:
        return cabecera(self._config.service_api_key)

    def _cliente(self, url: str) -> httpx.Client:
        red = httpx.HTTPTransport(verify=self._c.confianza(), limits=CONEXIONES)
        camino = _Camino(lambda: self._propias.get(url), red, self._interna(), self._externa())
        return httpx.Client(base_url=url, timeout=PLAZO_S, transport=camino)


class _Camino(httpx.BaseTransport):
    """Chosen at each request: applications are made after those who call them."""

    def __init__(
        self,
        propia: Callable[[], Flask | None],
        red: httpx.BaseTransport,
        interna: Mapping[str, str],
        externa: Mapping[str, str],
    ) -> None:
        self._propia = propia
        self._red = red
        self._interna, self._externa = interna, externa

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        app = self._propia()
        if app is None:
            request.headers.update(self._externa)
            return self._red.handle_request(request)
        request.headers.update(self._interna)
        return httpx.WSGITransport(app=app).handle_request(request)

    def close(self) -> None:
        self._red.close()


def leer_pago(
    url: str, id: UUID, cabeceras: Mapping[str, str], confianza: SSLContext
) -> dict[str, Any] | None:
    """Return the payment, or None when there is none; a service that has no time for it has not said so."""
    leido = httpx.get(f"{url}/pagos/{id}", headers=cabeceras, verify=confianza, timeout=PLAZO_S)
    # Nor has one that refuses our key: only a 404 says that it does not exist.
    if leido.status_code in (401, 403, 429) or leido.status_code >= 500:
        raise NoDisponible(f"pagos contestó {leido.status_code}")
    return leido.json() if leido.status_code == 200 else None

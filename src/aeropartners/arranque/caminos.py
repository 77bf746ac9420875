"""How a process reaches its neighbours: over HTTP, or in the process when it serves them itself."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import httpx
from flask import Flask

from aeropartners.arranque.acceso import cabecera
from aeropartners.seedwork.infraestructura.llamada_acotada import TransporteAcotado

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor

PLAZO_S = 5.0


class Caminos:
    """The services that others call; an application that is served here is called without a network.

    One that the configuration has elsewhere is called there, whatever is served here. A call shows the key
    of services, and in the process a key that no other process has.
    """

    def __init__(self, contenedor: "Contenedor") -> None:
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

    def _cliente(self, url: str) -> httpx.Client:
        red = TransporteAcotado(self._c.confianza(), PLAZO_S)
        interna, externa = cabecera(self._c.clave_interna()), cabecera(self._config.service_api_key)
        camino = _Camino(lambda: self._propias.get(url), red, interna, externa)
        return httpx.Client(base_url=url, transport=camino)


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

"""How a process reaches its neighbours: over HTTP, or in the process when it serves them itself."""

from collections.abc import Callable

import httpx
from flask import Flask

from arranque.config import Config

PLAZO_S = 5.0


class Caminos:
    """The services that others call; an application that is served here is called without a network.

    One that the configuration has elsewhere is called there, whatever is served here.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
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
        red = httpx.HTTPTransport(limits=httpx.Limits(max_connections=100, max_keepalive_connections=50))
        return httpx.Client(
            base_url=url, timeout=PLAZO_S, transport=_Camino(lambda: self._propias.get(url), red)
        )


class _Camino(httpx.BaseTransport):
    """Chosen at each request: applications are made after those who call them."""

    def __init__(self, propia: Callable[[], Flask | None], red: httpx.BaseTransport) -> None:
        self._propia = propia
        self._red = red

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        app = self._propia()
        if app is None:
            return self._red.handle_request(request)
        return httpx.WSGITransport(app=app).handle_request(request)

    def close(self) -> None:
        self._red.close()

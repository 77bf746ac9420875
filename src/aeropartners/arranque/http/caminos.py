"""How a process reaches its neighbours: over HTTP, or in the process when it serves them itself."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import httpx
from flask import Flask

from aeropartners.seedwork.infraestructura.seguridad.llamada_acotada import TransporteAcotado
from aeropartners.seedwork.infraestructura.web.cabecera_de_clave import cabecera

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor

PLAZO_S = 5.0


class Caminos:
    """The services that others call; an application that is served here is called without a network.

    One that the configuration has elsewhere is called there, whatever is served here. A call shows the key
    of services, and in the process a key that no other process has. `aplicaciones` are those that are
    served here, by service.
    """

    def __init__(self, contenedor: "Contenedor") -> None:
        self._c = contenedor
        self._config = contenedor.config()
        self.aplicaciones: dict[str, Flask] = {}

    def cliente(self, servicio: str, url: str) -> httpx.Client:
        """Return how a service is called whose address is `url`."""
        red = TransporteAcotado(self._c.confianza(), PLAZO_S)
        interna, externa = cabecera(self._c.clave_interna()), cabecera(self._config.service_api_key)
        camino = _Camino(lambda: self.propia(servicio, url), red, interna, externa)
        return httpx.Client(base_url=url, transport=camino)

    def propia(self, servicio: str, url: str) -> Flask | None:
        """Return a service's application, when it is served here and `url` does not say otherwise."""
        return self.aplicaciones.get(servicio) if url == self._config.direccion(servicio) else None


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

"""How a process calls other services: over HTTP, or directly when it serves them itself."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import httpx
from flask import Flask

from aeropartners.seedwork.infraestructura.seguridad.llamada_acotada import TransporteAcotado
from aeropartners.seedwork.infraestructura.web.acceso.cabecera_de_clave import cabecera

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor

PLAZO_S = 5.0


class Caminos:
    """Makes the HTTP clients of other services.

    A service whose application runs in this process is called directly, unless the configuration has another
    address for it. Calls over the network send the key of services; calls inside the process send a key that
    no other process knows. `aplicaciones`: the applications in this process, by service.
    """

    def __init__(self, contenedor: "Contenedor") -> None:
        self._c = contenedor
        self._config = contenedor.config()
        self.aplicaciones: dict[str, Flask] = {}

    def cliente(self, servicio: str, url: str) -> httpx.Client:
        """Return a client of the service at `url`."""
        red = TransporteAcotado(self._c.confianza(), PLAZO_S)
        interna, externa = cabecera(self._c.clave_interna()), cabecera(self._config.service_api_key)
        camino = _Camino(lambda: self.propia(servicio, url), red, interna, externa)
        return httpx.Client(base_url=url, transport=camino)

    def propia(self, servicio: str, url: str) -> Flask | None:
        """Return the service's application, if it runs here and `url` is its address here, else None."""
        return self.aplicaciones.get(servicio) if url == self._config.direccion(servicio) else None


class _Camino(httpx.BaseTransport):
    """A transport that decides at each request: a service's application may be made after its callers."""

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

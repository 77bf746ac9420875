"""What a process asks of its neighbours over HTTP, or in process of its own main application."""

from collections.abc import Mapping
from ssl import SSLContext
from typing import Any
from uuid import UUID

import httpx
from flask import Flask

from aeropartners.modulos.reporting.infraestructura.fuente_http import FuenteHttp
from aeropartners.seedwork.infraestructura.web.errores import NoDisponible
from arranque.acceso import cabecera
from arranque.contenedor import Contenedor

PLAZO_S = 5
# What reports are made of.
DE_REPORTES = {"campanas", "pagos"}


class Vecinos:
    """Made once a process; `principal` is its main application, once there is one, of these `modulos`."""

    principal: Flask | None = None

    def __init__(self, contenedor: Contenedor) -> None:
        self.modulos: set[str] = set()
        self._c = contenedor
        self._config = contenedor.config()

    def fuente(self) -> FuenteHttp:
        """Return where reports take their data from."""

        def propia(entorno: Any, responder: Any) -> Any:
            assert self.principal is not None
            return self.principal(entorno, responder)

        aqui = self.modulos >= DE_REPORTES
        return FuenteHttp(
            self._c.lecturas_reporting().activa,
            self._config.campaigns_url,
            propia if aqui else None,
            self._interna() if aqui else cabecera(self._config.service_api_key),
            self._c.confianza(),
        )

    def leer_pago(self, id: UUID) -> dict[str, Any] | None:
        """Return the real state of a payment."""
        if self.principal is None:
            return leer_pago(
                self._config.pagos_url, id, cabecera(self._config.service_api_key), self._c.confianza()
            )
        respuesta = self.principal.test_client().get(f"/pagos/{id}", headers=self._interna())
        return respuesta.get_json() if respuesta.status_code == 200 else None

    def _interna(self) -> Mapping[str, str]:
        return cabecera(self._c.clave_interna())


def leer_pago(
    url: str, id: UUID, cabeceras: Mapping[str, str], confianza: SSLContext
) -> dict[str, Any] | None:
    """Return the payment, or None when there is none; a service that has no time for it has not said so."""
    leido = httpx.get(f"{url}/pagos/{id}", headers=cabeceras, verify=confianza, timeout=PLAZO_S)
    # Nor has one that refuses our key: only a 404 says that it does not exist.
    if leido.status_code in (401, 403, 429) or leido.status_code >= 500:
        raise NoDisponible(f"pagos contestó {leido.status_code}")
    return leido.json() if leido.status_code == 200 else None

"""What a process asks of its neighbours over HTTP, or in process of its own main application."""

from collections.abc import Mapping
from contextvars import Context
from ssl import SSLContext
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
from flask import Flask

from aeropartners.arranque.acceso import cabecera
from aeropartners.modulos.reporting.infraestructura.fuente_http import FuenteHttp
from aeropartners.seedwork.infraestructura.llamada_acotada import TransporteAcotado, objeto_json
from aeropartners.seedwork.infraestructura.web.errores import NoDisponible

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor

PLAZO_S = 5
# What reports are made of.
DE_REPORTES = {"campanas", "pagos"}


class Vecinos:
    """Made once a process; `principal` is its main application, once there is one, of these `modulos`."""

    principal: Flask | None = None

    def __init__(self, contenedor: "Contenedor") -> None:
        self.modulos: set[str] = set()
        self._c = contenedor
        self._config = contenedor.config()

    def fuente(self) -> FuenteHttp:
        """Return where reports take their data from."""

        def propia(entorno: Any, responder: Any) -> Any:
            assert self.principal is not None
            # It may be this application that asks: what one request knows of its caller is not the other's.
            return Context().run(self.principal, entorno, responder)

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
    try:
        with httpx.Client(transport=TransporteAcotado(confianza, PLAZO_S), headers=cabeceras) as cliente:
            leido = cliente.get(f"{url}/pagos/{id}")
    except httpx.HTTPError as error:
        raise NoDisponible(f"pagos no contesta: {type(error).__name__}") from error
    # Nor has one that refuses our key: only a 404 says that it does not exist.
    if leido.status_code in (401, 403, 429) or leido.status_code >= 500:
        raise NoDisponible(f"pagos contestó {leido.status_code}")
    return objeto_json(leido.content) if leido.status_code == 200 else None

"""What campaigns ask of each other over HTTP, or in the process that serves both."""

from collections.abc import Mapping
from contextvars import Context
from ssl import SSLContext
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
from flask import Flask

from aeropartners.arranque.sistemas.campanas.ajustes import MODULOS, AjustesCampanas
from aeropartners.modulos.reporting.infraestructura.fuente_http import FuenteHttp
from aeropartners.modulos.reporting.infraestructura.lecturas import LecturasReportes
from aeropartners.seedwork.infraestructura.seguridad.llamada_acotada import TransporteAcotado, objeto_json
from aeropartners.seedwork.infraestructura.web.cabecera_de_clave import cabecera
from aeropartners.seedwork.infraestructura.web.errores import NoDisponible

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor

PLAZO_S = 5
# What reports are made of.
DE_REPORTES = {"campanas", "pagos"}


def lecturas_reporting(c: "Contenedor") -> LecturasReportes:
    """Return the queries of reports; the first source of their data is CAMPAIGNS_URL."""
    return LecturasReportes(c.motor(), (c.config().de(AjustesCampanas).campaigns_url, "v1"))


def fuente(c: "Contenedor") -> FuenteHttp:
    """Return where reports take their data from."""

    def propia(entorno: Any, responder: Any) -> Any:
        # It may be this application that asks: what one request knows of its caller is not the other's.
        return Context().run(c.caminos().aplicaciones[MODULOS], entorno, responder)

    config = c.config()
    aqui = c.en_marcha() >= DE_REPORTES
    return FuenteHttp(
        lecturas_reporting(c).activa,
        config.de(AjustesCampanas).campaigns_url,
        propia if aqui else None,
        cabecera(c.clave_interna() if aqui else config.service_api_key),
        c.confianza(),
    )


def pago(c: "Contenedor", id: UUID) -> dict[str, Any] | None:
    """Return the real state of a payment."""
    config = c.config()
    principal: Flask | None = c.caminos().aplicaciones.get(MODULOS)
    if principal is None:
        url = config.de(AjustesCampanas).pagos_url
        return leer_pago(url, id, cabecera(config.service_api_key), c.confianza())
    respuesta = principal.test_client().get(f"/pagos/{id}", headers=cabecera(c.clave_interna()))
    return respuesta.get_json() if respuesta.status_code == 200 else None


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

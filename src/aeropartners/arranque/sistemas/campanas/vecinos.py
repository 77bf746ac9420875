"""What the services of campaigns ask of each other: over HTTP, or directly inside one process."""

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
from aeropartners.seedwork.infraestructura.web.acceso.cabecera_de_clave import cabecera
from aeropartners.seedwork.infraestructura.web.errores import NoDisponible

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor

PLAZO_S = 5
# The pieces whose data reports use.
DE_REPORTES = {"campanas", "pagos"}


def lecturas_reporting(c: "Contenedor") -> LecturasReportes:
    """Return the queries of reports; CAMPAIGNS_URL is the default source of their data."""
    return LecturasReportes(c.motor(), (c.config().de(AjustesCampanas).campaigns_url, "v1"))


def fuente(c: "Contenedor") -> FuenteHttp:
    """Return the source of the reports' data."""

    def propia(entorno: Any, responder: Any) -> Any:
        # The call may come from a request of the same application: a new context keeps the two requests
        # apart.
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
    """Return a payment as the module pagos has it; None when there is none."""
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
    """Return a payment; None when pagos says that there is none. Raises NoDisponible without an answer."""
    try:
        with httpx.Client(transport=TransporteAcotado(confianza, PLAZO_S), headers=cabeceras) as cliente:
            leido = cliente.get(f"{url}/pagos/{id}")
    except httpx.HTTPError as error:
        raise NoDisponible(f"pagos no contesta: {type(error).__name__}") from error
    # Only a 404 says that the payment does not exist; a refused key or a busy service does not.
    if leido.status_code in (401, 403, 429) or leido.status_code >= 500:
        raise NoDisponible(f"pagos contestó {leido.status_code}")
    return objeto_json(leido.content) if leido.status_code == 200 else None

"""The service of partners over HTTP (004, section 3); in the embedded mode, the same over WSGI."""

from typing import Any

import httpx

from aeropartners.contratos.partners import clave_de_creacion
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.infraestructura.seguridad.llamada_acotada import objeto_json
from saga_orchestrator.sistemas.partners.integraciones import Hecho, Negado, SinContestar

RUTA = "/api/v1/partners"
# These errors happen before the request is sent: it had no effect.
SIN_EFECTO = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# Statuses by which the service refuses for good (004, section 4). Any other 4xx comes from the way to the
# service (a wrong key, another service, too many requests) and tells nothing about the partner.
NEGADO = (400, 409, 410, 413, 422)
DUDOSO = 408
DESHECHO = (200, 204, 404, 410)


class IntegracionesHttp:
    """See the port `Integraciones`."""

    def __init__(self, cliente: httpx.Client) -> None:
        self._cliente = cliente

    def crear(self, sobre: Sobre, datos: dict[str, Any]) -> Hecho | Negado | SinContestar:
        assert sobre.saga_id
        clave = {"Idempotency-Key": clave_de_creacion(sobre.saga_id)}
        respuesta = self._pedir("POST", RUTA, sobre, clave, {k: v for k, v in datos.items() if v is not None})
        if isinstance(respuesta, SinContestar):
            return respuesta
        cuerpo, estado = _objeto(respuesta), respuesta.status_code
        if estado in NEGADO:
            dicho = str(cuerpo.get("error") or f"Integraciones contestó {estado}")
            return Negado(str(cuerpo.get("codigo") or estado), dicho)
        partner = cuerpo.get("partner")
        if estado == 201 and isinstance(partner, dict) and partner.get("id"):
            return Hecho(partner)
        return _sin_contestar(estado, " sin el partner" if estado == 201 else "")

    def borrar(self, sobre: Sobre, partner_id: str) -> Hecho | SinContestar:
        respuesta = self._pedir("DELETE", f"{RUTA}/{partner_id}", sobre, {}, None)
        if isinstance(respuesta, SinContestar):
            return respuesta
        if respuesta.status_code in DESHECHO:
            return Hecho({"id": partner_id})
        return _sin_contestar(respuesta.status_code)

    def _pedir(
        self, metodo: str, ruta: str, sobre: Sobre, cabeceras: dict[str, str], cuerpo: object
    ) -> httpx.Response | SinContestar:
        """Send a request; without an answer, return a technical failure."""
        saga = {"X-Saga-ID": str(sobre.saga_id), "X-Correlation-ID": _cabecera(sobre)}
        try:
            return self._cliente.request(metodo, ruta, json=cuerpo, headers={**saga, **cabeceras})
        except httpx.HTTPError as error:
            incierto = not isinstance(error, SIN_EFECTO)
            return SinContestar(f"Integraciones no responde: {type(error).__name__}", incierto)


def _sin_contestar(estado: int, falta: str = "") -> SinContestar:
    """Return a technical failure; after a 4xx other than 408 the request had no effect."""
    incierto = estado == DUDOSO or not 400 <= estado < 500
    return SinContestar(f"Integraciones contestó {estado}{falta}", incierto)


def _cabecera(sobre: Sobre) -> str:
    """Return the correlation as a header, or the saga's id if it is not printable ASCII."""
    correlacion = sobre.correlacion_id
    return correlacion if correlacion.isascii() and correlacion.isprintable() else str(sobre.saga_id)


def _objeto(respuesta: httpx.Response) -> dict[str, Any]:
    try:
        return objeto_json(respuesta.content)
    except ValueError:
        return {}

"""The service of partners over HTTP (004, section 3); in the embedded mode the same over WSGI."""

from typing import Any

import httpx

from aeropartners.contratos.partners import clave_de_creacion
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.infraestructura.seguridad.llamada_acotada import objeto_json
from saga_orchestrator.sistemas.partners.integraciones import Hecho, Negado, SinContestar

RUTA = "/api/v1/partners"
# These failed before the request was on its way: nothing can have come of it.
SIN_EFECTO = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# What the service judged, for good (004, section 4). Any other refusal is of the way to it: no key of ours
# that it knows, another service, too much to do. It says nothing about what is there.
NEGADO = (400, 409, 410, 413, 422)
DUDOSO = 408
DESHECHO = (200, 204, 404, 410)


class IntegracionesHttp:
    """See the port."""

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
        """Ask; no answer is a technical failure."""
        saga = {"X-Saga-ID": str(sobre.saga_id), "X-Correlation-ID": _cabecera(sobre)}
        try:
            return self._cliente.request(metodo, ruta, json=cuerpo, headers={**saga, **cabeceras})
        except httpx.HTTPError as error:
            incierto = not isinstance(error, SIN_EFECTO)
            return SinContestar(f"Integraciones no responde: {type(error).__name__}", incierto)


def _sin_contestar(estado: int, falta: str = "") -> SinContestar:
    """A refusal of the way changed nothing; anything else may have."""
    incierto = estado == DUDOSO or not 400 <= estado < 500
    return SinContestar(f"Integraciones contestó {estado}{falta}", incierto)


def _cabecera(sobre: Sobre) -> str:
    """A header is ASCII; a correlation that is not is replaced by the saga."""
    correlacion = sobre.correlacion_id
    return correlacion if correlacion.isascii() and correlacion.isprintable() else str(sobre.saga_id)


def _objeto(respuesta: httpx.Response) -> dict[str, Any]:
    try:
        return objeto_json(respuesta.content)
    except ValueError:
        return {}

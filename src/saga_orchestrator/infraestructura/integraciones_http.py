"""The service of partners over HTTP (004, section 3); in the embedded mode the same over WSGI."""

from typing import Any

import httpx
import msgspec

from aeropartners.contratos.partners import clave_de_creacion
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from saga_orchestrator.aplicacion.integraciones import Hecho, Negado, SinContestar

RUTA = "/api/v1/partners"
# These failed before the request was on its way, or refuse it for now: nothing can have come of it.
SIN_EFECTO = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
PARA_LUEGO = (425, 429)
TECNICOS = (408, *PARA_LUEGO)
DESHECHO = (200, 204, 404, 410)
_descifrar = msgspec.json.Decoder(dict[str, Any]).decode


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
        cuerpo = _objeto(respuesta)
        if respuesta.status_code == 201:
            partner = cuerpo.get("partner")
            if isinstance(partner, dict) and partner.get("id"):
                return Hecho(partner)
            return SinContestar("Integraciones contestó 201 sin el partner", incierto=True)
        if respuesta.status_code < 400:
            return SinContestar(f"Integraciones contestó {respuesta.status_code}", incierto=True)
        dicho = str(cuerpo.get("error") or f"Integraciones contestó {respuesta.status_code}")
        return Negado(str(cuerpo.get("codigo") or respuesta.status_code), dicho)

    def borrar(self, sobre: Sobre, partner_id: str) -> Hecho | SinContestar:
        respuesta = self._pedir("DELETE", f"{RUTA}/{partner_id}", sobre, {}, None)
        if isinstance(respuesta, SinContestar):
            return respuesta
        if respuesta.status_code in DESHECHO:
            return Hecho({"id": partner_id})
        return SinContestar(f"Integraciones contestó {respuesta.status_code}", incierto=True)

    def _pedir(
        self, metodo: str, ruta: str, sobre: Sobre, cabeceras: dict[str, str], cuerpo: object
    ) -> httpx.Response | SinContestar:
        """Ask; what is no definite answer is a technical failure."""
        saga = {"X-Saga-ID": str(sobre.saga_id), "X-Correlation-ID": _cabecera(sobre)}
        try:
            respuesta = self._cliente.request(metodo, ruta, json=cuerpo, headers={**saga, **cabeceras})
        except httpx.HTTPError as error:
            incierto = not isinstance(error, SIN_EFECTO)
            return SinContestar(f"Integraciones no responde: {type(error).__name__}", incierto)
        estado = respuesta.status_code
        if estado >= 500 or estado in TECNICOS or estado < 200:
            return SinContestar(f"Integraciones contestó {estado}", estado not in PARA_LUEGO)
        return respuesta


def _cabecera(sobre: Sobre) -> str:
    """A header is ASCII; a correlation that is not is replaced by the saga."""
    correlacion = sobre.correlacion_id
    return correlacion if correlacion.isascii() and correlacion.isprintable() else str(sobre.saga_id)


def _objeto(respuesta: httpx.Response) -> dict[str, Any]:
    try:
        return _descifrar(respuesta.content)
    except (msgspec.MsgspecError, RecursionError):
        return {}

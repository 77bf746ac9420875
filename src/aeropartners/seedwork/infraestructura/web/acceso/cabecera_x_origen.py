"""The address for which one of our services calls: `X-Origen` is accepted from our own services only."""

from ipaddress import ip_address

from flask import request

from aeropartners.seedwork.infraestructura.web.acceso.control import Acceso

CABECERA = "X-Origen"
CLAVE_DE_SERVICIO = "X-Clave-De-Servicio"
_ORIGEN, _CLAVE = (f"HTTP_{c.upper().replace('-', '_')}" for c in (CABECERA, CLAVE_DE_SERVICIO))


def exigir_origen(acceso: Acceso) -> None:
    """Keep the header `X-Origen` of the present request only if it is an address and a service sent it.

    A BFF forwards its caller's key, so it proves itself by a second header with its own key.
    """
    entorno = request.environ
    dicho, clave = entorno.pop(_ORIGEN, ""), entorno.pop(_CLAVE, "")
    if not dicho or not clave or not acceso.es_servicio(clave):
        return
    try:
        entorno[_ORIGEN] = str(ip_address(dicho.partition("%")[0]))
    except ValueError:
        return

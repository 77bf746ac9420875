"""For whom a service calls: the address that it says in `X-Origen` is believed of our own services alone."""

from ipaddress import ip_address

from flask import request

from aeropartners.seedwork.infraestructura.web.acceso import Acceso

CABECERA = "X-Origen"
CLAVE_DE_SERVICIO = "X-Clave-De-Servicio"
_ORIGEN, _CLAVE = (f"HTTP_{c.upper().replace('-', '_')}" for c in (CABECERA, CLAVE_DE_SERVICIO))


def exigir_origen(acceso: Acceso) -> None:
    """Leave in the present request an address, without a zone, that one of our services says; or none.

    A BFF passes on its caller's key, not its own: it proves itself beside it.
    """
    entorno = request.environ
    dicho, clave = entorno.pop(_ORIGEN, ""), entorno.pop(_CLAVE, "")
    if not dicho or not clave or not acceso.es_servicio(clave):
        return
    try:
        entorno[_ORIGEN] = str(ip_address(dicho.partition("%")[0]))
    except ValueError:
        return

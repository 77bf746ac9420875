"""Completes each operation of the OpenAPI from its route: id, permission, idempotency key, `Location`."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Flask

from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, permiso_de
from aeropartners.seedwork.infraestructura.web.cabecera_location import dice_el_lugar
from aeropartners.seedwork.infraestructura.web.escritura import CABECERA, CLAVE_MAXIMA, honra_la_clave

Objeto = dict[str, Any]

CLAVES: Mapping[str, Objeto] = {
    "clave": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "ficha": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}
IDEMPOTENCIA: Objeto = {
    "in": "header",
    "name": CABECERA,
    "required": False,
    "description": "La misma clave con el mismo cuerpo: la misma respuesta, sin un segundo efecto",
    "schema": {"type": "string", "minLength": 1, "maxLength": CLAVE_MAXIMA},
}
LUGAR: Objeto = {
    "description": "Dónde se puede mirar lo creado",
    "schema": {"type": "string", "format": "uri-reference"},
}


def declarar(app: Flask, rutas: Mapping[str, Objeto]) -> None:
    """Complete every operation of these paths from the route that serves it."""
    for regla in app.url_map.iter_rules():
        operaciones = rutas.get(regla.rule.replace("<", "{").replace(">", "}"), {})
        for metodo in (m.lower() for m in regla.methods or ()):
            if metodo in operaciones:
                _declarar(operaciones[metodo], app, regla.endpoint)


def nombre_de(endpoint: str) -> str:
    """Return the operationId of an endpoint, which generated clients use as a method name."""
    return re.sub(r"\W", "_", endpoint)


def _declarar(operacion: Objeto, app: Flask, endpoint: str) -> None:
    vista = app.view_functions[endpoint]
    operacion["operationId"] = nombre_de(endpoint)
    _declarar_permiso(operacion, permiso_de(app, endpoint))
    if honra_la_clave(vista):
        operacion.setdefault("parameters", []).append(IDEMPOTENCIA)
    if dice_el_lugar(vista):
        for estado, respuesta in operacion["responses"].items():
            if estado.startswith("2"):
                respuesta.setdefault("headers", {})["Location"] = LUGAR


def _declarar_permiso(operacion: Objeto, permiso: Permiso | None) -> None:
    operacion["x-permiso"] = str(permiso)
    operacion["security"] = [] if permiso is Permiso.ABIERTO else [{nombre: []} for nombre in CLAVES]
    if permiso is Permiso.ABIERTO:
        for estado in ("401", "403"):
            operacion["responses"].pop(estado, None)

"""GET / of every service: its name and version."""

from typing import Any

from flask import jsonify
from flask_smorest import Blueprint

from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.openapi.documento import INFORMACION


def ruta_raiz(servicio: str) -> Blueprint:
    """Return the blueprint of `/`."""
    raiz = Blueprint("raiz", __name__, description="Información del servicio")

    @raiz.get("/")
    @exige(Permiso.LEER)
    @raiz.response(200, INFORMACION)
    def informacion() -> Any:
        """Service and version."""
        return jsonify({"service": servicio, "version": "1.0.0"})

    return raiz

"""Health: red only when the database cannot be reached; the broker is an extra field."""

from collections.abc import Callable

from flask import Response, jsonify
from flask_smorest import Blueprint
from sqlalchemy.exc import SQLAlchemyError

from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.web.openapi import SALUD


def rutas_salud(
    servicio: str, motor: Motor | None, lista: Callable[[], bool], *, version: str = "1.0.0"
) -> Blueprint:
    """Return GET /health and GET /ready of a service; `lista` tells whether its loops work."""
    salud = Blueprint("salud", __name__, description="Salud del servicio")

    def base() -> str | None:
        if motor is None:
            return None
        try:
            with motor.lectura() as con:
                con.exec_driver_sql("SELECT 1")
        except SQLAlchemyError as error:
            return type(error).__name__
        return None

    @salud.get("/health")
    @salud.response(200, SALUD)
    @salud.alt_response(503, schema=SALUD)
    def health() -> tuple[Response, int]:
        """Whether the service and its database answer."""
        error = base()
        cuerpo = {"status": "unhealthy" if error else "healthy", "service": servicio, "version": version}
        return jsonify(cuerpo | ({"error": error} if error else {})), 503 if error else 200

    @salud.get("/ready")
    @salud.response(200, SALUD)
    @salud.alt_response(503, schema=SALUD)
    def ready() -> tuple[Response, int]:
        """Whether it works: migrated, subscribed, and its loops run."""
        listo = base() is None and lista()
        return jsonify(
            {"status": "ready" if listo else "not_ready", "service": servicio}
        ), 200 if listo else 503

    return salud

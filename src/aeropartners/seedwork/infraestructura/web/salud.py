"""Health: red only when the database cannot be reached; the broker and the loops are extra fields."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify
from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.tablas import salida
from aeropartners.seedwork.infraestructura.web.openapi import SALUD
from aeropartners.seedwork.infraestructura.web.permisos import Permiso, exige

BROKER_TARDE_S = 10.0


@dataclass(frozen=True, slots=True)
class Problema:
    """What is wrong, since when, and in whose words."""

    que: str
    desde: datetime
    error: str


class Dependencias:
    """Looks at the database and at what waits for the broker; remembers when it first found it away."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor
        self._caida: datetime | None = None

    def mirar(self) -> tuple[Problema | None, Problema | None]:
        """Return what is wrong with the database, and with the broker as its outbox shows it."""
        ahora, primera = datetime.now(UTC), None
        try:
            with self._motor.lectura() as con:
                con.exec_driver_sql("SELECT 1")
                with suppress(SQLAlchemyError):  # a slow outbox is not a database that is away
                    primera = con.scalar(select(salida.c.creado).order_by(salida.c.posicion).limit(1))
        except SQLAlchemyError as error:
            self._caida = self._caida or ahora
            return Problema("base de datos", self._caida, type(error).__name__), None
        self._caida = None
        if primera is None or (ahora - primera).total_seconds() < BROKER_TARDE_S:
            return None, None
        return None, Problema("broker", primera, "no confirma lo que espera en la salida")


def rutas_salud(
    servicio: str,
    motor: Motor | None,
    bucles: Callable[[], Iterable[Problema]],
    *,
    vecinos: Callable[[], Iterable[Problema]] = tuple,
    version: str = "1.0.0",
) -> Blueprint:
    """Return GET /health and GET /ready of a service: its database, its loops, and what it calls.

    A late broker and neighbours that do not answer are said, and turn nothing red: the rest works.
    """
    salud = Blueprint("salud", __name__, description="Salud del servicio")
    dependencias = Dependencias(motor) if motor else None

    def mirar() -> tuple[Problema | None, Problema | None]:
        return dependencias.mirar() if dependencias else (None, None)

    @salud.get("/health")
    @exige(Permiso.ABIERTO)
    @salud.response(200, SALUD)
    @salud.alt_response(503, schema=SALUD)
    def health() -> tuple[Response, int]:
        """Whether the service and its database answer."""
        base, broker = mirar()
        cuerpo: dict[str, Any] = {"status": "unhealthy" if base else "healthy", "service": servicio}
        cuerpo |= {"version": version} | ({"error": base.error} if base else {})
        if dependencias:
            cuerpo["broker"] = "atrasado" if broker else "desconocido" if base else "al día"
        return jsonify(cuerpo | _problemas([base, broker, *bucles(), *vecinos()])), 503 if base else 200

    @salud.get("/ready")
    @exige(Permiso.ABIERTO)
    @salud.response(200, SALUD)
    @salud.alt_response(503, schema=SALUD)
    def ready() -> tuple[Response, int]:
        """Whether it works: migrated, subscribed, and its loops run."""
        base, broker = mirar()
        caidos = list(bucles())
        listo = base is None and not caidos
        cuerpo = {"status": "ready" if listo else "not_ready", "service": servicio}
        return jsonify(cuerpo | _problemas([base, broker, *caidos, *vecinos()])), 200 if listo else 503

    return salud


def _problemas(hallados: Sequence[Problema | None]) -> dict[str, Any]:
    lista = [{"que": p.que, "desde": p.desde, "error": p.error} for p in hallados if p]
    return {"problemas": lista}

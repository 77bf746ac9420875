"""Health: unhealthy only without the database; broker, topics and loops are extra fields."""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import Response, jsonify
from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.tablas import salida, temas_detenidos
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.openapi.documento import SALUD

log = structlog.get_logger(__name__)

BROKER_TARDE_S = 10.0
# An exception as one line: class and text.
_DE_EXCEPCION = re.compile(r"([A-Z]\w*[a-z][A-Z]\w*|Conflicto|Timeout): ")
_PALABRAS = {
    "ConexionPerdida": "perdió la base de datos",
    "OperationalError": "no alcanza la base de datos",
    "Conflicto": "no consigue escribir: otro va delante",
    "BrokerNoDisponible": "perdió el broker",
}


@dataclass(frozen=True, slots=True)
class Problema:
    """What is wrong, since when, and the error; `leve`: reported, but the process stays ready."""

    que: str
    desde: datetime
    error: str
    leve: bool = False


class Dependencias:
    """Checks the database and the outbox; remembers since when the database is away."""

    def __init__(self, motor: Motor) -> None:
        self._motor = motor
        self._caida: datetime | None = None

    def mirar(self) -> tuple[Problema | None, Problema | None, Sequence[Problema]]:
        """Return what is wrong with the database, the broker (by the outbox), and single topics."""
        ahora, primera = datetime.now(UTC), None
        detenidos: Sequence[Any] = ()
        try:
            with self._motor.lectura() as con:
                con.exec_driver_sql("SELECT 1")
                with suppress(SQLAlchemyError):  # a slow outbox is no lost database
                    primera = con.scalar(select(salida.c.creado).order_by(salida.c.posicion).limit(1))
                    detenidos = con.execute(select(temas_detenidos).order_by(temas_detenidos.c.tema)).all()
        except SQLAlchemyError as error:
            self._caida = self._caida or ahora
            log.warning("base_de_datos_ausente", error=f"{type(error).__name__}: {error}"[:300])
            return Problema("base de datos", self._caida, "no se puede alcanzar"), None, ()
        self._caida = None
        edad_s = (ahora - primera).total_seconds() if primera else 0.0
        temas = [Problema(f"tema {d.tema}", d.desde, _detenido(d.causa, edad_s)) for d in detenidos]
        if primera is None or edad_s < BROKER_TARDE_S:
            return None, None, temas
        return None, Problema("broker", primera, "no confirma lo que espera en la salida"), temas


def _detenido(causa: str, edad_s: float) -> str:
    return f"no toma mensajes ({causa}); lo más viejo de la salida espera desde hace {max(edad_s, 0.0):.0f} s"


def rutas_salud(
    servicio: str,
    motor: Motor | None,
    bucles: Callable[[], Iterable[Problema]],
    *,
    vecinos: Callable[[], Iterable[Problema]] = tuple,
    version: str = "1.0.0",
) -> Blueprint:
    """Return GET /health and GET /ready of a service.

    A late broker, stopped topics and other services that do not answer are reported, but make the service
    neither unhealthy nor not ready, because the rest works.
    """
    salud = Blueprint("salud", __name__, description="Salud del servicio")
    dependencias = Dependencias(motor) if motor else None

    def mirar() -> tuple[Problema | None, Problema | None, Sequence[Problema]]:
        return dependencias.mirar() if dependencias else (None, None, ())

    @salud.get("/health")
    @exige(Permiso.ABIERTO)
    @salud.response(200, SALUD)
    @salud.alt_response(503, schema=SALUD)
    def health() -> tuple[Response, int]:
        """Whether the service and its database answer."""
        base, broker, temas = mirar()
        cuerpo: dict[str, Any] = {"status": "unhealthy" if base else "healthy", "service": servicio}
        cuerpo |= {"version": version} | ({"error": base.error} if base else {})
        if dependencias:
            cuerpo["broker"] = "atrasado" if broker else "desconocido" if base else "al día"
        return jsonify(
            cuerpo | _problemas([base, broker, *temas, *bucles(), *vecinos()])
        ), 503 if base else 200

    @salud.get("/ready")
    @exige(Permiso.ABIERTO)
    @salud.response(200, SALUD)
    @salud.alt_response(503, schema=SALUD)
    def ready() -> tuple[Response, int]:
        """Whether it works: migrated, subscribed, and its loops run."""
        base, broker, temas = mirar()
        caidos = list(bucles())
        listo = base is None and all(p.leve for p in caidos)
        cuerpo = {"status": "ready" if listo else "not_ready", "service": servicio}
        return jsonify(
            cuerpo | _problemas([base, broker, *temas, *caidos, *vecinos()])
        ), 200 if listo else 503

    return salud


def _problemas(hallados: Sequence[Problema | None]) -> dict[str, Any]:
    lista = [{"que": p.que, "desde": p.desde, "error": en_palabras(p.error)} for p in hallados if p]
    return {"problemas": lista}


def en_palabras(error: str) -> str:
    """Return a text that anybody may read; a driver's text may name hosts, statements and values."""
    clase = _DE_EXCEPCION.match(error)
    return _PALABRAS.get(clase[1], "falló; el registro dice por qué") if clase else error

"""The audit of HTTP operations: rows with the caller, written with the operation or its refusal."""

from ipaddress import ip_address
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, Response, current_app, g, has_request_context, request
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from aeropartners.seedwork.aplicacion.auditoria import Anotacion, Firma, Resultado
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida, Conflicto, Identificadores, Reloj
from aeropartners.seedwork.infraestructura.almacen.auditoria import anotar
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.web.acceso.identidad import ANONIMA
from aeropartners.seedwork.infraestructura.web.acceso.permisos import cambia_algo

log = structlog.get_logger(__name__)

# Statuses without a row here. 429 and 503: nothing was done, and under load there is no time for a row; they
# are counted in `http_refused_total` or logged. 401 and 403, of reads too, are recorded by `negativas`.
EN_OTRA_PARTE = frozenset({401, 403, 429, 503})


class Auditor:
    """Writes the rows that no batch writes: refusals before a batch, and cleanups."""

    def __init__(self, motor: Motor, reloj: Reloj, ids: Identificadores) -> None:
        self._motor = motor
        self._reloj = reloj
        self._ids = ids

    def vigilar(self, app: Flask) -> None:
        """Look at each answer of an application."""
        app.extensions["auditor"] = self
        app.after_request(lambda respuesta: self._tras(app, respuesta))

    def anotar_en(self, con: Connection, **detalle: Any) -> None:
        """Add the present operation, as done, to the transaction that carries it out."""
        anotar(con, self._anotacion(Resultado.HECHA, detalle))
        dar_por_anotada()

    def anotar_negativa(self, firma: Firma, detalle: dict[str, Any]) -> None:
        """Write a row for one refused access, or for many of one address."""
        self._escribir(Anotacion(self._ids.nuevo(), self._reloj.ahora(), firma, Resultado.RECHAZADA, detalle))

    def _tras(self, app: Flask, respuesta: Response) -> Response:
        pendiente = cambia_algo(app, request) and not g.get("anotada") and request.routing_exception is None
        if pendiente and respuesta.status_code not in EN_OTRA_PARTE:
            self._anotar_aparte(respuesta.status_code)
        return respuesta

    def _anotar_aparte(self, estado: int) -> None:
        resultado = Resultado.HECHA if estado < 400 else Resultado.RECHAZADA
        self._escribir(self._anotacion(Resultado.FALLIDA if estado >= 500 else resultado, {"estado": estado}))

    def _escribir(self, anotacion: Anotacion) -> None:
        try:
            with self._motor.escritura() as con:
                anotar(con, anotacion)
                con.commit()
        except (ConexionPerdida, Conflicto, SQLAlchemyError) as error:
            # The answer is sent all the same: a refused operation changed nothing.
            log.error("auditoria_no_escrita", operacion=anotacion.firma.operacion, error=type(error).__name__)

    def _anotacion(self, resultado: Resultado, detalle: dict[str, Any]) -> Anotacion:
        return Anotacion(self._ids.nuevo(), self._reloj.ahora(), firma_actual(), resultado, detalle)


def dar_por_anotada() -> None:
    """Record that the present operation has its audit row."""
    g.anotada = True


def anotar_en(con: Connection, **detalle: Any) -> None:
    """Add the present request to the transaction that carries it out, if its application is audited."""
    auditor = current_app.extensions.get("auditor") if has_request_context() else None
    if isinstance(auditor, Auditor):
        auditor.anotar_en(con, **detalle)


def firma_actual(motivo: str = "", saga_id: UUID | None = None) -> Firma:
    """Return the caller, operation and resource of the present request."""
    identidad = g.get("identidad", ANONIMA)
    regla = request.url_rule.rule if request.url_rule else request.path
    return Firma(
        actor=identidad.nombre,
        rol=identidad.rol,
        operacion=f"{request.method} {regla}",
        recurso=request.path,
        origen=_origen(),
        motivo=motivo,
        saga_id=saga_id or _saga_nombrada(),
        correlation_id=g.get("correlacion_id", ""),
    )


def _origen() -> str:
    """Return the caller's address; before it the address that a BFF says it calls for, if any."""
    visto = request.remote_addr or ""
    try:
        return f"{ip_address(request.headers['X-Origen'])} por {visto}"
    except (KeyError, ValueError):
        return visto


def _saga_nombrada() -> UUID | None:
    dicha = (request.view_args or {}).get("saga_id") or request.headers.get("X-Saga-ID", "")
    try:
        return UUID(str(dicha))
    except ValueError:
        return None

"""GET /metrics, Prometheus text."""

from collections.abc import Sequence

from flask import Response
from flask_smorest import Blueprint
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.registry import Collector

from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.rechazos import MetricasRechazos


def rutas_metricas(colectores: Sequence[Collector] = ()) -> Blueprint:
    """Return the blueprint: the process's own figures, and those of the collectors."""
    registro = CollectorRegistry()
    ProcessCollector(registry=registro)
    for colector in (MetricasRechazos(), *colectores):
        registro.register(colector)
    metricas = Blueprint("metricas", __name__, description="Métricas")

    @metricas.get("/metrics")
    @exige(Permiso.LEER)
    @metricas.response(200, {"type": "string"}, content_type="text/plain")
    def leer() -> Response:
        """Return the metrics."""
        return Response(generate_latest(registro), content_type=CONTENT_TYPE_LATEST)

    return metricas

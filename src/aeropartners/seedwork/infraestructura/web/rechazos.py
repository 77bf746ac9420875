"""Counts of the requests that an application refused, for load or by access control."""

from collections.abc import Iterable
from threading import Lock

from flask import current_app
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

MOTIVOS = ("retraso", "salida", "cola", "servidor", "acceso")
# Statuses of refused accesses: no HTTP (a 400 in every system, as its RFC says), not identified, not
# permitted, too many failed logins.
NEGADAS = (400, 401, 403, 429)
# Key in the WSGI environment of a request for which the server has no thread: its wait in seconds.
SIN_HILO = "aeropartners.sin_hilo"
# Probes are never refused for load.
_SONDAS = ("health", "healthz", "ready")


def es_sonda(ruta: str) -> bool:
    """Whether this is the path of a probe or of the metrics, which must answer under load."""
    ultima = ruta.rstrip("/").rsplit("/", 1)[-1]
    return ultima in _SONDAS or ruta.rstrip("/") == "/metrics"


class Rechazos:
    """The counts of one application. Safe from any thread."""

    def __init__(self) -> None:
        self._cerrojo = Lock()
        self._cuentas = dict.fromkeys(MOTIVOS, 0)
        self._negadas = dict.fromkeys(NEGADAS, 0)

    def contar(self, motivo: str) -> None:
        """Count a refusal for load, by reason."""
        with self._cerrojo:
            self._cuentas[motivo] += 1

    def negar(self, estado: int) -> None:
        """Count a refused access, by status; other statuses count as 400."""
        with self._cerrojo:
            self._negadas[estado if estado in self._negadas else 400] += 1

    def negadas(self) -> dict[int, int]:
        """Return the number of refused accesses by status."""
        with self._cerrojo:
            return dict(self._negadas)

    def cuentas(self) -> dict[str, int]:
        """Return the number of refusals for load by reason."""
        with self._cerrojo:
            return dict(self._cuentas)


class MetricasRechazos(Collector):
    """The counts of the application that serves the scrape."""

    def collect(self) -> Iterable[Metric]:
        """Return the metrics."""
        familia = CounterMetricFamily(
            "http_refused", "Peticiones rechazadas con 429, por la cola que estaba llena", labels=["reason"]
        )
        for motivo, veces in current_app.extensions["rechazos"].cuentas().items():
            familia.add_metric([motivo], veces)
        negadas = CounterMetricFamily(
            "http_denied", "Peticiones negadas en la puerta, por su respuesta", labels=["status"]
        )
        for estado, veces in current_app.extensions["rechazos"].negadas().items():
            negadas.add_metric([str(estado)], veces)
        return [familia, negadas]

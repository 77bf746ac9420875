"""What an application refused because it has too much to do, or because of who asked: counted."""

from collections.abc import Iterable
from threading import Lock

from flask import current_app
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

MOTIVOS = ("retraso", "salida", "cola", "servidor", "acceso")
# What the door answers: it understood nothing, it knows nobody, the role may not, too many tries.
NEGADAS = (400, 401, 403, 429)
# The mark in a WSGI environment of a request that the server has no turn for: its wait, in seconds.
SIN_HILO = "aeropartners.sin_hilo"
# What machines ask for, to learn whether a service lives, is never refused.
_SONDAS = ("health", "healthz", "ready")


def es_sonda(ruta: str) -> bool:
    """Whether this is the path of a probe, or of the figures that tell of the flood."""
    ultima = ruta.rstrip("/").rsplit("/", 1)[-1]
    return ultima in _SONDAS or ruta.rstrip("/") == "/metrics"


class Rechazos:
    """The counts of one application. Safe from any thread."""

    def __init__(self) -> None:
        self._cerrojo = Lock()
        self._cuentas = dict.fromkeys(MOTIVOS, 0)
        self._negadas = dict.fromkeys(NEGADAS, 0)

    def contar(self, motivo: str) -> None:
        """Count one more."""
        with self._cerrojo:
            self._cuentas[motivo] += 1

    def negar(self, estado: int) -> None:
        """Count one more that was refused at the door."""
        with self._cerrojo:
            self._negadas[estado if estado in self._negadas else 400] += 1

    def negadas(self) -> dict[int, int]:
        """Return how many were refused at the door, by the answer."""
        with self._cerrojo:
            return dict(self._negadas)

    def cuentas(self) -> dict[str, int]:
        """Return how many there were, by reason."""
        with self._cerrojo:
            return dict(self._cuentas)


class MetricasRechazos(Collector):
    """Read at each scrape from the application that is asked."""

    def collect(self) -> Iterable[Metric]:
        """Return the families."""
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

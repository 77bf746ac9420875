"""The figures of a process's loops: whether each works, how late it is, and how often it was dropped."""

from collections.abc import Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from arranque.hilos import Hilo


class MetricasBucles(Collector):
    """Read at each scrape from the threads themselves."""

    def __init__(self, hilos: Sequence[Hilo]) -> None:
        self._hilos = hilos

    def collect(self) -> Iterable[Metric]:
        """Return the families."""
        vivo = GaugeMetricFamily("loop_up", "Si el bucle trabaja", labels=["loop"])
        atraso = GaugeMetricFamily(
            "loop_lag_seconds", "Edad de la última ronda, menos la pausa del bucle", labels=["loop"]
        )
        duracion = GaugeMetricFamily("loop_round_seconds", "Duración de la última ronda", labels=["loop"])
        caidas = CounterMetricFamily("loop_failures", "Veces que el bucle cayó y se rehízo", labels=["loop"])
        for h in self._hilos:
            vivo.add_metric([h.nombre], h.averia is None)
            atraso.add_metric([h.nombre], h.atraso_s)
            duracion.add_metric([h.nombre], h.duracion_s)
            caidas.add_metric([h.nombre], h.caidas)
        return vivo, atraso, duracion, caidas

"""The figures of a process's loops: whether each works, how late it is, how often it was dropped."""

from collections.abc import Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aeropartners.seedwork.aplicacion.retraso import Retrasos
from arranque.hilos import Hilo


class MetricasBucles(Collector):
    """Read at each scrape from the threads themselves."""

    def __init__(self, hilos: Sequence[Hilo], retrasos: Retrasos | None = None) -> None:
        self._hilos = hilos
        self._retrasos = retrasos

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
        return vivo, atraso, duracion, caidas, self._retraso()

    def _retraso(self) -> Metric:
        familia = GaugeMetricFamily(
            "loop_delay_seconds", "Edad del mensaje mediano que el bucle tiene en la mano", labels=["loop"]
        )
        for bucle, segundos in self._retrasos.ultimos().items() if self._retrasos else ():
            familia.add_metric([bucle], segundos)
        return familia

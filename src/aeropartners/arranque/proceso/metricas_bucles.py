"""The metrics of a process's loops: whether each works, its delay, and how often it was dropped."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aeropartners.arranque.proceso.hilos import Hilo
from aeropartners.seedwork.aplicacion.puertos import Suscripcion
from aeropartners.seedwork.aplicacion.retraso import Retrasos


class MetricasBucles(Collector):
    """Read at each scrape from the threads."""

    def __init__(
        self,
        hilos: Sequence[Hilo],
        retrasos: Retrasos | None = None,
        suscripciones: Mapping[str, Suscripcion] | None = None,
    ) -> None:
        self._hilos = hilos
        self._retrasos = retrasos
        self._suscripciones = {} if suscripciones is None else suscripciones

    def collect(self) -> Iterable[Metric]:
        """Return the metric families."""
        vivo = GaugeMetricFamily("loop_up", "Si el bucle trabaja", labels=["loop"])
        tardanza = GaugeMetricFamily(
            "loop_lag_seconds", "Edad de la última ronda, menos la pausa del bucle", labels=["loop"]
        )
        duracion = GaugeMetricFamily("loop_round_seconds", "Duración de la última ronda", labels=["loop"])
        caidas = CounterMetricFamily("loop_failures", "Veces que el bucle cayó y se rehízo", labels=["loop"])
        for h in self._hilos:
            vivo.add_metric([h.nombre], h.averia is None)
            tardanza.add_metric([h.nombre], h.tardanza_s)
            duracion.add_metric([h.nombre], h.duracion_s)
            caidas.add_metric([h.nombre], h.caidas)
        return vivo, tardanza, duracion, caidas, self._retraso(), *self._oidos()

    def _oidos(self) -> Iterable[Metric]:
        servida = GaugeMetricFamily(
            "subscription_up", "Si la suscripción recibe de todos sus temas", labels=["subscription"]
        )
        sorda = GaugeMetricFamily(
            "subscription_deaf_seconds",
            "Desde cuándo no recibe de todos sus temas, y por qué",
            labels=["subscription", "cause"],
        )
        ahora = datetime.now(UTC)
        for nombre, suscripcion in tuple(self._suscripciones.items()):
            sordera = suscripcion.sordera
            servida.add_metric([nombre], sordera is None)
            if sordera:
                sorda.add_metric([nombre, sordera.causa], max((ahora - sordera.desde).total_seconds(), 0.0))
        return servida, sorda

    def _retraso(self) -> Metric:
        familia = GaugeMetricFamily(
            "loop_delay_seconds", "Edad del mensaje mediano que el bucle tiene en la mano", labels=["loop"]
        )
        for bucle, segundos in self._retrasos.ultimos().items() if self._retrasos else ():
            familia.add_metric([bucle], segundos)
        return familia

"""The metrics of the census: living processes, this process's clock, and what waits for another release."""

from collections import Counter
from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aeropartners.seedwork.aplicacion.censo import Censo


class MetricasCenso(Collector):
    """Read at each scrape from the last round of the census; no query is made."""

    def __init__(self, censo: Censo) -> None:
        self._censo = censo

    def collect(self) -> Iterable[Metric]:
        """Return the metric families."""
        vivos = GaugeMetricFamily("process_alive", "Procesos vivos", labels=["service", "release"])
        for par, cuantos in Counter((v.servicio, v.version) for v in self._censo.vivos).items():
            vivos.add_metric(par, cuantos)
        esperan = GaugeMetricFamily(
            "version_waiting",
            "Mensajes y SAGAs que esperan a un proceso que conozca su versión",
            labels=["consumer", "what", "version"],
        )
        for falta in self._censo.faltas:
            esperan.add_metric([falta.consumidor, falta.que, str(falta.version)], falta.cuantos)
        reloj = GaugeMetricFamily(
            "process_clock_offset_seconds",
            "Cuánto se adelanta el reloj del proceso al de la base de datos",
            value=self._censo.desfase.segundos,
        )
        plazos = GaugeMetricFamily(
            "saga_deadlines_waiting",
            "Orquestadores vivos por cuya lectura de respuestas esperan los plazos",
            value=len(self._censo.atrasados()),
        )
        return vivos, esperan, reloj, plazos

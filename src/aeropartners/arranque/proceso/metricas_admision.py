"""The metrics of admission: whether starts of sagas are admitted, and the delay that closed it."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aeropartners.seedwork.aplicacion.admision import Admision


class MetricasAdmision(Collector):
    """Read at each scrape from the admission of this process."""

    def __init__(self, admision: Admision) -> None:
        self._admision = admision

    def collect(self) -> Iterable[Metric]:
        """Return the metric families."""
        cierre = self._admision.cierre
        abierta = GaugeMetricFamily("saga_admission_open", "Si se admiten inicios de sagas", value=not cierre)
        retraso = GaugeMetricFamily(
            "saga_admission_delay_seconds", "Retraso por el que no se admiten inicios", labels=["loop"]
        )
        if cierre and cierre.retraso:
            retraso.add_metric([cierre.retraso.bucle], cierre.retraso.segundos)
        return [abierta, retraso]

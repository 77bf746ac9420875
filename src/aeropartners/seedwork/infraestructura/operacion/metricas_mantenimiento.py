"""Metrics of a database's upkeep: failures of the last round, and missing partitions."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aeropartners.seedwork.infraestructura.operacion.particiones import Mantenimiento


class MetricasMantenimiento(Collector):
    """The figures of this process's last round of upkeep."""

    def __init__(self, mantenimiento: Mantenimiento) -> None:
        self._mantenimiento = mantenimiento

    def collect(self) -> Iterable[Metric]:
        """Return the metrics."""
        faltan = self._mantenimiento.faltan
        return [
            GaugeMetricFamily(
                "upkeep_failures",
                "Tareas de mantenimiento que fallaron en la última ronda y se repetirán",
                value=len(self._mantenimiento.fallos),
            ),
            GaugeMetricFamily(
                "partitions_missing",
                "Particiones de ahora que faltan",
                value=len(faltan[1]) if faltan else 0,
            ),
        ]

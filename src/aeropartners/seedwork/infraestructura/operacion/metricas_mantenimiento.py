"""The figures of a database's upkeep: what failed in its last round, and what is missing by now."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aeropartners.seedwork.infraestructura.operacion.particiones import Mantenimiento


class MetricasMantenimiento(Collector):
    """Of this process's last round."""

    def __init__(self, mantenimiento: Mantenimiento) -> None:
        self._mantenimiento = mantenimiento

    def collect(self) -> Iterable[Metric]:
        """Return the families."""
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

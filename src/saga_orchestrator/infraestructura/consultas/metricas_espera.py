"""The metrics of operators' alarms: sagas that ask for attention, and why the open sagas wait."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from saga_orchestrator.infraestructura.consultas.explicacion import ABIERTAS, LecturasExplicacion


class MetricasEspera(Collector):
    """Read at each scrape; both queries use partial indexes over the open sagas."""

    def __init__(self, lecturas: LecturasExplicacion) -> None:
        self._lecturas = lecturas

    def collect(self) -> Iterable[Metric]:
        """Return the metric families; none when the database does not answer, which `database_up` tells."""
        atencion = GaugeMetricFamily(
            "saga_attention_count", "Sagas que requieren atención", labels=["saga_type"]
        )
        esperas = GaugeMetricFamily(
            "saga_waiting_count",
            f"Sagas abiertas por motivo de espera (las {ABIERTAS} que antes despiertan)",
            labels=["saga_type", "reason"],
        )
        try:
            for tipo, cuantas in self._lecturas.en_atencion():
                atencion.add_metric([tipo], cuantas)
            for (tipo, motivo), cuantas in self._lecturas.motivos().items():
                esperas.add_metric([tipo, motivo], cuantas)
        except SQLAlchemyError:
            return []
        return [atencion, esperas]

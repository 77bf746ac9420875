"""The saga metrics of the contracts (README, section 7), read from the tables at each scrape."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from saga_orchestrator.dominio.definicion import Estados
from saga_orchestrator.infraestructura.lecturas import LecturasSagas

TIPO = ["saga_type"]
CUANTILES = (0.5, 0.95, 0.99)
LIMITES = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)


class MetricasSagas(Collector):
    """Counts by type and state; durations of what ended lately."""

    def __init__(self, lecturas: LecturasSagas, estados: Estados) -> None:
        self._lecturas = lecturas
        self._estados = estados

    def collect(self) -> Iterable[Metric]:
        """Return the families."""
        por_tipo: dict[str, dict[str, int]] = defaultdict(dict)
        for tipo, estado, cuantas in self._lecturas.por_estado():
            por_tipo[tipo][estado] = cuantas
        yield from self._cuentas(por_tipo)
        yield from self._compensaciones()
        yield from self._duraciones()

    def _cuentas(self, por_tipo: dict[str, dict[str, int]]) -> Iterable[Metric]:
        finales, exito = self._estados.finales, self._estados.completada
        iniciadas = CounterMetricFamily("saga_started", "Sagas iniciadas", labels=TIPO)
        exitosas = CounterMetricFamily("saga_success", "Sagas completadas", labels=TIPO)
        errores = CounterMetricFamily("saga_errors", "Sagas fallidas o compensadas", labels=TIPO)
        activas = GaugeMetricFamily("saga_active_count", "Sagas en curso", labels=TIPO)
        tasa = GaugeMetricFamily("saga_success_rate", "Completadas entre terminadas", labels=TIPO)
        por_estado = GaugeMetricFamily("saga_status_count", "Sagas por estado", labels=[*TIPO, "status"])
        for tipo, estados in por_tipo.items():
            total = sum(estados.values())
            terminadas = sum(estados.get(e, 0) for e in finales)
            bien = estados.get(exito, 0)
            iniciadas.add_metric([tipo], total)
            exitosas.add_metric([tipo], bien)
            errores.add_metric([tipo], terminadas - bien)
            activas.add_metric([tipo], total - terminadas)
            tasa.add_metric([tipo], bien / terminadas if terminadas else 0)
            for estado, cuantas in estados.items():
                por_estado.add_metric([tipo, estado], cuantas)
        return iniciadas, exitosas, errores, activas, tasa, por_estado

    def _compensaciones(self) -> Iterable[Metric]:
        total = CounterMetricFamily("saga_compensation", "Compensaciones ejecutadas", labels=TIPO)
        tasa = GaugeMetricFamily("saga_compensation_success_rate", "Compensaciones con éxito", labels=TIPO)
        for tipo, ejecutadas, bien in self._lecturas.compensaciones():
            total.add_metric([tipo], ejecutadas)
            tasa.add_metric([tipo], bien / ejecutadas if ejecutadas else 0)
        return total, tasa

    def _duraciones(self) -> Iterable[Metric]:
        cuantiles = GaugeMetricFamily(
            "saga_duration_quantile_seconds", "Duración de las últimas sagas", labels=[*TIPO, "quantile"]
        )
        histograma = HistogramMetricFamily(
            "saga_duration_seconds", "Duración de las últimas sagas terminadas", labels=TIPO
        )
        for tipo, duraciones in self._lecturas.duraciones().items():
            for cuantil in CUANTILES:
                indice = min(int(cuantil * len(duraciones)), len(duraciones) - 1)
                cuantiles.add_metric([tipo, str(cuantil)], duraciones[indice])
            cubetas = [(str(limite), float(bisect_right(duraciones, limite))) for limite in LIMITES]
            cubetas.append(("+Inf", float(len(duraciones))))
            histograma.add_metric([tipo], cubetas, sum(duraciones))
        return cuantiles, histograma

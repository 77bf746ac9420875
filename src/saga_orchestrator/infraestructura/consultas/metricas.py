"""The saga metrics of the contracts (README, section 7), read at each scrape."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.infraestructura.almacen import totales
from saga_orchestrator.infraestructura.consultas.lecturas import LecturasSagas

TIPO = ["saga_type"]
CUANTILES = (0.5, 0.95, 0.99)


class MetricasSagas(Collector):
    """Sagas by type and state, undos, and durations."""

    def __init__(self, lecturas: LecturasSagas, registro: Registro) -> None:
        self._lecturas = lecturas
        self._registro = registro

    def collect(self) -> Iterable[Metric]:
        """Return the metric families."""
        por_tipo: dict[str, dict[str, int]] = defaultdict(dict)
        undos: dict[str, dict[str, int]] = defaultdict(dict)
        cubetas: dict[str, dict[str, float]] = defaultdict(dict)
        for (tipo, clave, medida), valor in self._lecturas.totales().items():
            match medida:
                case totales.SAGAS:
                    por_tipo[tipo][clave] = int(valor)
                case totales.COMPENSACIONES:
                    undos[tipo][clave] = int(valor)
                case _:
                    cubetas[tipo][clave] = float(valor)
        yield from self._cuentas(por_tipo, cubetas)
        yield from _compensaciones(undos)
        yield _histograma(cubetas)
        yield self._cuantiles()

    def _cuentas(
        self, por_tipo: dict[str, dict[str, int]], cubetas: Mapping[str, Mapping[str, float]]
    ) -> Iterable[Metric]:
        """Return the counts of sagas. A saga has ended when it has a duration: no state word tells it."""
        iniciadas = CounterMetricFamily("saga_started", "Sagas iniciadas", labels=TIPO)
        exitosas = CounterMetricFamily("saga_success", "Sagas completadas", labels=TIPO)
        errores = CounterMetricFamily("saga_errors", "Sagas fallidas o compensadas", labels=TIPO)
        activas = GaugeMetricFamily("saga_active_count", "Sagas en curso", labels=TIPO)
        tasa = GaugeMetricFamily("saga_success_rate", "Completadas entre terminadas", labels=TIPO)
        por_estado = GaugeMetricFamily("saga_status_count", "Sagas por estado", labels=[*TIPO, "status"])
        for tipo, estados in por_tipo.items():
            total = sum(estados.values())
            duraciones = cubetas.get(tipo, {})
            terminadas = int(sum(duraciones.get(limite, 0) for limite in totales.CUBETAS))
            bien = estados.get(self._registro.estados(tipo).completada, 0)
            iniciadas.add_metric([tipo], total)
            exitosas.add_metric([tipo], bien)
            errores.add_metric([tipo], terminadas - bien)
            activas.add_metric([tipo], total - terminadas)
            tasa.add_metric([tipo], bien / terminadas if terminadas else 0)
            for estado, cuantas in estados.items():
                por_estado.add_metric([tipo, estado], cuantas)
        return iniciadas, exitosas, errores, activas, tasa, por_estado

    def _cuantiles(self) -> Metric:
        """Return the quantiles of the newest sagas; the histogram is over all sagas."""
        cuantiles = GaugeMetricFamily(
            "saga_duration_quantile_seconds", "Duración de las últimas sagas", labels=[*TIPO, "quantile"]
        )
        for tipo, duraciones in self._lecturas.duraciones().items():
            for cuantil in CUANTILES:
                indice = min(int(cuantil * len(duraciones)), len(duraciones) - 1)
                cuantiles.add_metric([tipo, str(cuantil)], duraciones[indice])
        return cuantiles


def _compensaciones(undos: Mapping[str, Mapping[str, int]]) -> Iterable[Metric]:
    total = CounterMetricFamily("saga_compensation", "Compensaciones ejecutadas", labels=TIPO)
    tasa = GaugeMetricFamily("saga_compensation_success_rate", "Compensaciones con éxito", labels=TIPO)
    for tipo, cuentas in undos.items():
        total.add_metric([tipo], sum(cuentas.values()))
        tasa.add_metric([tipo], cuentas.get(totales.EXITOSA, 0) / sum(cuentas.values()))
    return total, tasa


def _histograma(cubetas: Mapping[str, Mapping[str, float]]) -> Metric:
    histograma = HistogramMetricFamily(
        "saga_duration_seconds", "Duración de las sagas terminadas", labels=TIPO
    )
    for tipo, cuentas in cubetas.items():
        acumuladas = accumulate(cuentas.get(limite, 0.0) for limite in totales.CUBETAS)
        histograma.add_metric(
            [tipo], list(zip(totales.CUBETAS, acumuladas, strict=True)), cuentas.get("", 0.0)
        )
    return histograma

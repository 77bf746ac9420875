"""The saga metrics of the contracts (README, section 7), read at each scrape.

A gauge tells of the stored sagas. A counter tells of every saga that there was: it never falls, neither when
a saga that had ended is undone nor when sagas are removed.
"""

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

from aeropartners.seedwork.infraestructura.totales.totales import ClaveDeTotal, Suma, Totales
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.infraestructura.almacen import totales
from saga_orchestrator.infraestructura.consultas.lecturas import LecturasSagas

TIPO = ["saga_type"]
CUANTILES = (0.5, 0.95, 0.99)


class _Cuentas:
    """The totals of one saga type."""

    def __init__(self, tipo: str, suma: Totales, exito: str) -> None:
        self._tipo, self._suma, self._exito = tipo, suma, exito

    def una(self, medida: str, clave: str = "") -> float:
        """Return one amount, 0 without any."""
        return float(self._suma.get(ClaveDeTotal(self._tipo, clave, medida), 0))

    @property
    def estados(self) -> dict[str, float]:
        """How many sagas there are in each state."""
        return self._de(totales.SAGAS)

    @property
    def iniciadas(self) -> float:
        """How many sagas there are."""
        return sum(self.estados.values())

    @property
    def exitosas(self) -> float:
        """How many have ever succeeded."""
        return self.una(totales.SAGAS, self._exito) + self.una(totales.DESHECHAS)

    @property
    def terminadas(self) -> float:
        """How many have ever ended: those with a duration, because no state word tells it."""
        return sum(self._de(totales.DURACION).values())

    @property
    def cerradas(self) -> float:
        """How many have ended and are not being undone."""
        return self.terminadas - self.una(totales.REABIERTAS)

    @property
    def tasa(self) -> float:
        """The share of successes in those that have ended."""
        return self.una(totales.SAGAS, self._exito) / self.cerradas if self.cerradas else 0

    @property
    def compensaciones(self) -> float:
        """How many undos were done or given up."""
        return sum(self._de(totales.COMPENSACIONES).values())

    @property
    def tasa_de_compensaciones(self) -> float:
        """The share of undos that were done."""
        bien = self.una(totales.COMPENSACIONES, totales.EXITOSA)
        return bien / self.compensaciones if self.compensaciones else 0

    def _de(self, medida: str) -> dict[str, float]:
        suyas = ((c, v) for c, v in self._suma.items() if c.grupo == self._tipo and c.medida == medida)
        return {c.clave: float(v) for c, v in suyas}


Tipos = Mapping[str, _Cuentas]


class MetricasSagas(Collector):
    """Sagas by type and state, undos, and durations; every known type and word is there from the start."""

    def __init__(self, lecturas: LecturasSagas, registro: Registro) -> None:
        self._lecturas = lecturas
        self._registro = registro

    def collect(self) -> Iterable[Metric]:
        """Return the metric families."""
        presentes, retiradas = self._lecturas.totales()
        todas = Suma(presentes)
        todas.sumar(retiradas)
        guardadas, contadas = self._por_tipo(presentes, todas), self._por_tipo(todas, todas)
        yield from _contadores(contadas)
        yield from self._medidores(guardadas)
        yield _histograma(contadas)
        yield self._cuantiles()

    def _por_tipo(self, suma: Totales, todas: Totales) -> Tipos:
        """Return the totals of each type: those that this process knows, and those that have any."""
        tipos = dict.fromkeys((*self._registro.tipos, *sorted(c.grupo for c in todas)))
        return {t: _Cuentas(t, suma, self._registro.estados(t).completada) for t in tipos}

    def _medidores(self, tipos: Tipos) -> Iterable[Metric]:
        activas = GaugeMetricFamily("saga_active_count", "Sagas en curso", labels=TIPO)
        tasa = GaugeMetricFamily("saga_success_rate", "Completadas entre terminadas", labels=TIPO)
        undos = GaugeMetricFamily("saga_compensation_success_rate", "Compensaciones con éxito", labels=TIPO)
        por_estado = GaugeMetricFamily("saga_status_count", "Sagas por estado", labels=[*TIPO, "status"])
        for tipo, cuentas in tipos.items():
            activas.add_metric([tipo], cuentas.iniciadas - cuentas.cerradas)
            tasa.add_metric([tipo], cuentas.tasa)
            undos.add_metric([tipo], cuentas.tasa_de_compensaciones)
            for estado in dict.fromkeys((*self._registro.palabras(tipo), *sorted(cuentas.estados))):
                por_estado.add_metric([tipo, estado], cuentas.una(totales.SAGAS, estado))
        return activas, tasa, undos, por_estado

    def _cuantiles(self) -> Metric:
        """Return the quantiles of the newest sagas; the histogram is over all sagas."""
        cuantiles = GaugeMetricFamily(
            "saga_duration_quantile_seconds", "Duración de las últimas sagas", labels=[*TIPO, "quantile"]
        )
        duraciones: dict[str, list[float]] = defaultdict(list, self._lecturas.duraciones())
        for tipo in dict.fromkeys((*self._registro.tipos, *duraciones)):
            suyas = duraciones[tipo] or [0.0]
            for cuantil in CUANTILES:
                indice = min(int(cuantil * len(suyas)), len(suyas) - 1)
                cuantiles.add_metric([tipo, str(cuantil)], suyas[indice])
        return cuantiles


def _contadores(tipos: Tipos) -> Iterable[Metric]:
    iniciadas = CounterMetricFamily("saga_started", "Sagas iniciadas", labels=TIPO)
    exitosas = CounterMetricFamily("saga_success", "Sagas completadas", labels=TIPO)
    errores = CounterMetricFamily("saga_errors", "Sagas fallidas o compensadas", labels=TIPO)
    undos = CounterMetricFamily("saga_compensation", "Compensaciones ejecutadas", labels=TIPO)
    for tipo, cuentas in tipos.items():
        iniciadas.add_metric([tipo], cuentas.iniciadas)
        exitosas.add_metric([tipo], cuentas.exitosas)
        errores.add_metric([tipo], cuentas.terminadas - cuentas.exitosas)
        undos.add_metric([tipo], cuentas.compensaciones)
    return iniciadas, exitosas, errores, undos


def _histograma(tipos: Tipos) -> Metric:
    histograma = HistogramMetricFamily(
        "saga_duration_seconds", "Duración de las sagas hasta su primer final", labels=TIPO
    )
    for tipo, cuentas in tipos.items():
        acumuladas = accumulate(cuentas.una(totales.DURACION, limite) for limite in totales.CUBETAS)
        cubetas = list(zip(totales.CUBETAS, acumuladas, strict=True))
        histograma.add_metric([tipo], cubetas, cuentas.una(totales.SEGUNDOS))
    return histograma

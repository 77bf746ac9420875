"""What the continuous audit has found and how far it is, for Prometheus."""

from collections import Counter
from collections.abc import Iterable, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from saga_orchestrator.cotejo.aplicacion.cotejo import Cotejo
from saga_orchestrator.cotejo.aplicacion.parte import Parte
from saga_orchestrator.cotejo.dominio.hallazgo import Clase

_AYUDA = {
    Clase.PERDIDO: "Mensajes que salieron y no llegaron, y filas que faltan",
    Clase.DUPLICADO: "Segundos efectos de un mismo paso",
    Clase.HUERFANO: "Efectos sin su saga, o de una saga deshecha",
    Clase.ATASCADO: "Sagas que nadie despierta",
}


class MetricasCotejo(Collector):
    """Counted since the process began; written by the auditor's thread, read at each scrape."""

    def __init__(self) -> None:
        self.hallazgos: Counter[Clase] = Counter()
        self._cuentas: Counter[str] = Counter()
        self._ahora = {"sospechas": 0.0, "retraso_segundos": 0.0}

    def anotar(self, auditor: Cotejo, partes: Sequence[Parte]) -> None:
        """Add what a round gave."""
        self.hallazgos.update(h.clase for h in auditor.nuevos)
        for parte in partes:
            self._cuentas.update({"sagas": parte.sagas, "mensajes": parte.mensajes, "ventanas": 1})
            self._cuentas["repetidos"] += parte.repetidos
        self._ahora = {"sospechas": auditor.indecisas, "retraso_segundos": auditor.retraso_s}

    def collect(self) -> Iterable[Metric]:
        """Return the families."""
        for clase, ayuda in _AYUDA.items():
            yield GaugeMetricFamily(f"auditoria_{clase.lower()}s", ayuda, value=self.hallazgos[clase])
        for nombre in ("sagas", "mensajes", "ventanas", "repetidos"):
            ayuda = f"Auditado desde el comienzo: {nombre}"
            yield GaugeMetricFamily(f"auditoria_{nombre}", ayuda, value=self._cuentas[nombre])
        yield GaugeMetricFamily(
            "auditoria_sospechas", "Lo que aún no se ha decidido", value=self._ahora["sospechas"]
        )
        yield GaugeMetricFamily(
            "auditoria_retraso_segundos", "Edad de lo último auditado", value=self._ahora["retraso_segundos"]
        )

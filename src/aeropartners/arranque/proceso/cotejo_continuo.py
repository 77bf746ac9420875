"""The continuous cotejo: rounds until a signal; prints findings and statements, and serves metrics."""

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import click
import structlog
from flask import Flask
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from aeropartners.arranque.http.servidores import Servidor
from aeropartners.arranque.http.tls import para_servir
from aeropartners.arranque.proceso.procesos import Proceso
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida, Conflicto
from aeropartners.seedwork.infraestructura.web.rutas.metricas import rutas_metricas
from aeropartners.seedwork.infraestructura.web.rutas.raiz import ruta_raiz
from aeropartners.seedwork.infraestructura.web.rutas.salud import rutas_salud
from saga_orchestrator.cotejo.aplicacion.cotejo import Cotejo
from saga_orchestrator.cotejo.aplicacion.partes import Parte
from saga_orchestrator.cotejo.dominio.hallazgo import ClaseDeHallazgo, Hallazgo

log = structlog.get_logger(__name__)

CADA_S, CON_SOSPECHAS_S = 5.0, 2.0
# The page of old rows may take a hundredth of the time; on a slow database it comes every A_LO_SUMO_S at
# least.
UNA_PARTE_DE, A_LO_SUMO_S = 100, 20.0
# The process's `nice` value: on busy cores the cotejo falls behind, not the system.
CORTESIA = 10
# The name in ports, metrics and log; it is older than the word cotejo and part of the public surface.
NOMBRE = "auditor"
SIN_BASE = (SQLAlchemyError, ConexionPerdida, Conflicto)
_AYUDA = {
    ClaseDeHallazgo.PERDIDO: "Mensajes que salieron y no llegaron, y filas que faltan",
    ClaseDeHallazgo.DUPLICADO: "Segundos efectos de un mismo paso",
    ClaseDeHallazgo.HUERFANO: "Efectos sin su saga, o de una saga deshecha",
    ClaseDeHallazgo.ATASCADO: "Sagas que nadie despierta",
}


class MetricasCotejo(Collector):
    """The findings and counts since the process began; one thread writes, each scrape reads."""

    def __init__(self) -> None:
        self.hallazgos: Counter[ClaseDeHallazgo] = Counter()
        self._cuentas: Counter[str] = Counter()
        self._ahora = {"sospechas": 0.0, "retraso_segundos": 0.0}

    def anotar(self, cotejo: Cotejo, partes: Sequence[Parte]) -> None:
        """Add the results of a round."""
        self.hallazgos.update(h.clase for h in cotejo.nuevos)
        for p in partes:
            suyas = {"sagas": p.sagas, "mensajes": p.mensajes, "ventanas": 1, "repetidos": p.repetidos}
            self._cuentas.update(suyas)
        self._ahora = {"sospechas": cotejo.indecisas, "retraso_segundos": cotejo.retraso_s}

    def collect(self) -> Iterable[Metric]:
        """Return the metric families."""
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


class CotejoContinuo:
    """Runs the cotejo until a signal; `decir` prints each finding at once, and each window's statement."""

    def __init__(self, cotejo: Cotejo, proceso: Proceso, decir: Callable[[Parte | Hallazgo], None]) -> None:
        self._cotejo = cotejo
        self._proceso = proceso
        self._decir = decir
        self._fin = threading.Event()
        self._siguiente = 0.0
        self.metricas = MetricasCotejo()

    def correr(self) -> bool:
        """Run until SIGTERM or SIGINT; return whether anything was found. Runs with a low priority."""
        config = self._proceso.config
        app = self._app()
        tls = para_servir(config.tls_cert_file, config.tls_key_file)
        puerto = config.puerto or config.puerto_auditor
        servidor = Servidor(app, config.host, puerto, "PUERTO_AUDITOR", tls=tls)
        for senal in (signal.SIGTERM, signal.SIGINT):
            signal.signal(senal, lambda *_: self._fin.set())
        os.nice(CORTESIA)
        servidor.empezar()
        click.echo(f"{NOMBRE} en {servidor.url}", err=True)
        while not self._fin.is_set():
            self._fin.wait(self._ronda())
        self._decir_todo(self._cotejo.cerrar())
        servidor.parar()
        return any(self.metricas.hallazgos.values())

    def _ronda(self) -> float:
        """Do one round and return the seconds to wait for the next; a database that is away is tried again.

        A page of old rows is read at most each CADA_S, so that it costs a small part of the time.
        """
        comienzo = time.monotonic()
        barrer = comienzo >= self._siguiente
        try:
            partes = self._cotejo.una_ronda(barrer=barrer)
        except SIN_BASE as error:
            log.warning("auditor_sin_base", error=f"{type(error).__name__}: {error}"[:300])
            return CADA_S
        if barrer:
            pausa = (time.monotonic() - comienzo) * UNA_PARTE_DE
            self._siguiente = comienzo + min(max(CADA_S, pausa), A_LO_SUMO_S)
        self._decir_todo([*self._cotejo.nuevos, *partes])
        self.metricas.anotar(self._cotejo, partes)
        if not self._cotejo.al_dia:
            return 0
        return CON_SOSPECHAS_S if self._cotejo.indecisas else CADA_S

    def _decir_todo(self, dichos: Iterable[Parte | Hallazgo]) -> None:
        for dicho in dichos:
            self._decir(dicho)
        sys.stdout.flush()

    def _app(self) -> Flask:
        """Return the application with health and metrics (8092)."""
        salud = rutas_salud(NOMBRE, self._proceso.c.motor(), tuple)
        rutas = [salud, rutas_metricas([self.metricas]), ruta_raiz(NOMBRE)]
        return self._proceso.app("Auditor", rutas)

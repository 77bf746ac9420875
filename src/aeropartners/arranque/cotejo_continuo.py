"""The continuous audit: rounds until a signal, findings at once, a statement for each window, and metrics."""

import os
import signal
import sys
import threading
import time
from typing import Any

import click
import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from aeropartners.arranque.dichos_cotejo import de_hallazgo, de_parte, frase, lineas
from aeropartners.arranque.metricas_cotejo import MetricasCotejo
from aeropartners.arranque.peticiones import imprimir
from aeropartners.arranque.procesos import Proceso
from aeropartners.arranque.servidores import Servidor
from aeropartners.arranque.tls import para_servir
from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida, Conflicto
from aeropartners.seedwork.infraestructura.web.metricas import rutas_metricas
from aeropartners.seedwork.infraestructura.web.raiz import ruta_raiz
from aeropartners.seedwork.infraestructura.web.salud import rutas_salud
from saga_orchestrator.cotejo.aplicacion.cotejo import Cotejo

log = structlog.get_logger(__name__)

LIMPIO, HALLAZGOS, SIN_COTEJAR = 0, 1, 2
CADA_S, CON_SOSPECHAS_S = 5.0, 2.0
# Going through what is old takes a hundredth of the time; where all is slow it still comes, a page each.
UNA_PARTE_DE, A_LO_SUMO_S = 100, 20.0
# Where nothing is idle it gets a tenth of the time that any other process gets, and falls behind.
CORTESIA = 10
AUDITOR = "auditor"
SIN_BASE = (SQLAlchemyError, ConexionPerdida, Conflicto)


class CotejoContinuo:
    """The continuous mode: rounds until a signal, each finding at once, each window's statement, metrics."""

    def __init__(self, auditor: Cotejo, proceso: Proceso, en_json: bool) -> None:
        self._auditor = auditor
        self._proceso = proceso
        self._en_json = en_json
        self._fin = threading.Event()
        self._siguiente = 0.0
        self.metricas = MetricasCotejo()

    def correr(self) -> int:
        """Run to the signal; return the exit code. What it costs is time that nobody else has a use for."""
        config = self._proceso.config
        app = self._app()
        tls = para_servir(config.tls_cert_file, config.tls_key_file)
        puerto = config.puerto or config.puerto_auditor
        servidor = Servidor(app, config.host, puerto, "PUERTO_AUDITOR", tls=tls)
        for senal in (signal.SIGTERM, signal.SIGINT):
            signal.signal(senal, lambda *_: self._fin.set())
        os.nice(CORTESIA)
        servidor.empezar()
        click.echo(f"auditor en {servidor.url}", err=True)
        while not self._fin.is_set():
            self._fin.wait(self._ronda())
        for parte in self._auditor.cerrar():
            self._decir(frase(parte), {"parte": de_parte(parte)})
        servidor.parar()
        return HALLAZGOS if any(self.metricas.hallazgos.values()) else LIMPIO

    def _ronda(self) -> float:
        """Look once; return how long to wait for the next look. A database that is away is asked again."""
        comienzo, barrer = time.monotonic(), self._debe_barrer()
        try:
            partes = self._auditor.una_ronda(barrer=barrer)
        except SIN_BASE as error:
            log.warning("auditor_sin_base", error=f"{type(error).__name__}: {error}"[:300])
            return CADA_S
        if barrer:
            pausa = (time.monotonic() - comienzo) * UNA_PARTE_DE
            self._siguiente = comienzo + min(max(CADA_S, pausa), A_LO_SUMO_S)
        for hallazgo in self._auditor.nuevos:
            self._decir(lineas(hallazgo), {"hallazgo": de_hallazgo(hallazgo)})
        for parte in partes:
            self._decir(frase(parte), {"parte": de_parte(parte)})
        self.metricas.anotar(self._auditor, partes)
        if not self._auditor.al_dia:
            return 0
        return CON_SOSPECHAS_S if self._auditor.indecisas else CADA_S

    def _debe_barrer(self) -> bool:
        """What is old comes at its own pace, however often it looks: a small part of the time."""
        return time.monotonic() >= self._siguiente

    def _decir(self, texto: str, objeto: Any) -> None:
        if self._en_json:
            imprimir(objeto, sangria=None)
        else:
            click.echo(texto)
        sys.stdout.flush()

    def _app(self) -> Flask:
        """Metrics and health (8092)."""
        salud = rutas_salud(AUDITOR, self._proceso.c.motor(), tuple)
        rutas = [salud, rutas_metricas([self.metricas]), ruta_raiz(AUDITOR)]
        return self._proceso.app("Auditor", rutas)

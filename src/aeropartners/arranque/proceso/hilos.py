"""Threads of the loops: a loop that fails is made again, with fresh connections."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from aeropartners.seedwork.aplicacion.bucles.bucle import Bucle
from aeropartners.seedwork.aplicacion.textos_de_error import texto_de

log = structlog.get_logger(__name__)

ESPERA_MINIMA_S = 0.1
ESPERA_MAXIMA_S = 5.0
COLGADO_S = 60.0
# The same failure is logged again after this time, with the number of failures not logged.
REPETIR_S = 60.0


@dataclass(frozen=True, slots=True)
class Averia:
    """Why a loop does not work, and since when."""

    desde: datetime
    error: str


class Hilo:
    """Runs one loop in a thread; when a round raises, the loop is dropped and made again after a pause.

    A loop that repairs its own connections can stall; a new one starts from what is stored. `vivo`: the last
    round went well. `caidas`: how often the loop was dropped. `duracion_s`: seconds of the last round.
    `vital`: its rounds are short, so if one does not end, the guardian ends the process.
    """

    def __init__(
        self, nombre: str, fabricar: Callable[[], Bucle], pausa_s: float = 0.0, *, vital: bool = False
    ) -> None:
        self.nombre = nombre
        self.vital = vital
        self.vivo = False
        self.caidas = 0
        self.duracion_s = 0.0
        self._fin_s = time.monotonic()
        self._averia: Averia | None = Averia(datetime.now(UTC), "todavía no ha dado una ronda")
        self._fabricar = fabricar
        self._pausa_s = pausa_s
        self._espera_s = ESPERA_MINIMA_S
        self._trabaja_desde: float | None = None
        self._dicha = (0.0, "", 0)
        self._parar = threading.Event()
        self._hilo = threading.Thread(target=self._correr, name=nombre, daemon=True)

    @property
    def tardanza_s(self) -> float:
        """Seconds since the last round ended, without the loop's own pause: it grows when a round hangs."""
        return max(time.monotonic() - self._fin_s - self._pausa_s, 0.0)

    @property
    def ronda(self) -> float | None:
        """When the round under way began, on the monotonic clock; None between two rounds.

        The making of the loop counts as a part of its first round.
        """
        return self._trabaja_desde

    @property
    def averia(self) -> Averia | None:
        """Why the loop does not work, or that its round does not end; None when it works."""
        if (averia := self._averia) is not None or (tardanza := self.tardanza_s) < COLGADO_S:
            return averia
        desde = datetime.fromtimestamp(time.time() - tardanza, UTC)
        return Averia(desde, f"su ronda no termina desde hace {tardanza:.0f} s")

    def empezar(self) -> None:
        """Start the thread."""
        self._hilo.start()

    def parar(self) -> None:
        """Ask the thread to end after its round."""
        self._parar.set()

    def esperar(self, segundos: float) -> bool:
        """Wait for the end of the thread; False when it still runs after `segundos`."""
        self._hilo.join(segundos)
        return not self._hilo.is_alive()

    def _correr(self) -> None:
        while not self._parar.is_set():
            try:
                self._trabaja_desde = time.monotonic()
                bucle = self._fabricar()
                self._rondas(bucle)
                bucle.terminar()
            except Exception as error:
                self._trabaja_desde = None
                self._caer(texto_de(error)[:500])
                self._parar.wait(self._espera_s)
                self._espera_s = min(self._espera_s * 2, ESPERA_MAXIMA_S)

    def _rondas(self, bucle: Bucle) -> None:
        while not self._parar.is_set():
            self._trabaja_desde = comienzo = time.monotonic()
            hecho = bucle.una_ronda()
            self._fin_s = time.monotonic()
            self.duracion_s, self._trabaja_desde = self._fin_s - comienzo, None
            if not self.vivo:
                self._sanar()
            if hecho == 0 and self._pausa_s:
                self._parar.wait(self._pausa_s)

    def _caer(self, error: str) -> None:
        """Record a failure: since the first one in a row, with the text of the newest."""
        antes = self._averia if self.caidas else None
        self.vivo = False
        self.caidas += 1
        self._averia = Averia(antes.desde if antes else datetime.now(UTC), error)
        self._contar(error)

    def _sanar(self) -> None:
        """Record a good round: the failure is over."""
        if self._dicha[1]:
            log.warning("bucle_rehecho", bucle=self.nombre, caidas=self.caidas)
        self.vivo, self._averia, self._espera_s = True, None, ESPERA_MINIMA_S
        self._dicha = (0.0, "", 0)

    def _contar(self, error: str) -> None:
        """Log a failure once, then at most each REPETIR_S: a long outage must not fill the log."""
        hasta, dicho, callados = self._dicha
        if error == dicho and time.monotonic() < hasta:
            self._dicha = (hasta, dicho, callados + 1)
            return
        log.error("bucle_caido", bucle=self.nombre, error=error, callados=callados)
        self._dicha = (time.monotonic() + REPETIR_S, error, 0)

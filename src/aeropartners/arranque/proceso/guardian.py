"""The guardian: ends a process in which a loop's round does not end, and logs the stacks of all threads.

A supervisor starts the process again, and its messages are redelivered; a process that hangs is not restarted
by anybody.
"""

import faulthandler
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence

import structlog

from aeropartners.arranque.proceso.hilos import Hilo
from aeropartners.arranque.proceso.pilas import pilas

log = structlog.get_logger(__name__)

RONDA_MAXIMA_S = 300.0
MIRAR_S = 1.0
# EX_SOFTWARE of sysexits.h: an internal software error.
CODIGO = 70


def _salir() -> None:
    """Exit without waiting for any thread: what hangs the process would hang the exit too."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(CODIGO)


class Guardian:
    """Watches the vital loops of a process from a thread of its own.

    If a C library holds the interpreter's lock, this thread does not run either. Then `faulthandler` writes
    the stacks and ends the process, a little later and with code 1.
    """

    def __init__(
        self,
        hilos: Sequence[Hilo],
        salir: Callable[[], None] = _salir,
        cronometro: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hilos = hilos
        self._salir = salir
        self._cronometro = cronometro
        self._mirado = cronometro()
        self._rondas: dict[str, tuple[float, float]] = {}
        self._parar = threading.Event()
        self._hilo = threading.Thread(target=self._velar, name="guardian", daemon=True)

    def empezar(self) -> None:
        """Start watching."""
        self._hilo.start()

    def parar(self) -> None:
        """Stop watching."""
        self._parar.set()
        if self._hilo.is_alive():
            self._hilo.join(MIRAR_S * 2)
        faulthandler.cancel_dump_traceback_later()

    def mirar(self) -> bool:
        """Check the loops once; True when a loop hangs and the stacks are logged.

        Only time in which this method was called counts: a process that was suspended as a whole did not
        hang.
        """
        ahora = self._cronometro()
        paso, self._mirado = min(ahora - self._mirado, MIRAR_S * 5), ahora
        antes, self._rondas = self._rondas, {}
        for hilo in self._hilos:
            if not hilo.vital or (desde := hilo.ronda) is None:
                continue
            de_antes, segundos = antes.get(hilo.nombre, (desde, 0.0))
            segundos = segundos + paso if de_antes == desde else 0.0
            self._rondas[hilo.nombre] = (desde, segundos)
            if segundos > RONDA_MAXIMA_S:
                log.critical(
                    "bucle_colgado",
                    bucle=hilo.nombre,
                    segundos=round(segundos),
                    codigo=CODIGO,
                    aviso="el proceso termina: lo que tenía en curso vuelve cuando empiece otra vez",
                    pilas=pilas(),
                )
                return True
        return False

    def _velar(self) -> None:
        while not self._parar.wait(MIRAR_S):
            faulthandler.dump_traceback_later(RONDA_MAXIMA_S + 60, exit=True, file=sys.__stderr__ or 2)
            if self.mirar():
                self._salir()
                return

"""The queues of an HTTP server: probes do not queue, and a request that would wait too long is refused."""

from collections.abc import Callable
from itertools import count
from time import monotonic
from typing import Any

import structlog
from waitress.task import ThreadedTaskDispatcher, WSGITask

from aeropartners.seedwork.infraestructura.web.hilo_suplente import SIN_SUPLENTES, Suplentes, atendida_por
from aeropartners.seedwork.infraestructura.web.rechazos import SIN_HILO, es_sonda

log = structlog.get_logger(__name__)

# A request may wait ESPERA_S in the queue. When the queue has not been empty for that long, requests come
# faster than they are answered and every one would wait that long: then EN_INUNDACION_S, which is enough to
# keep the threads busy.
ESPERA_S = 1.0
EN_INUNDACION_S = 0.1
HILOS_SONDAS = 2
# The threads that each port has from the start.
HILOS_DE_SERIE = 1


class Despachador(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Gives each request a thread, in the order of arrival.

    Probes have threads of their own. Refusals have one too: they are cheap and must not wait for expensive
    requests. A request is refused when the first one in the queue has waited longer than `limite_s`, or when
    it has waited longer itself by the time it gets its turn.

    Threads are made when a request finds none free, up to `hilos`; those that nobody needed since the last
    look (`descansar`) end. A request that waits for something else than its answer (`suplir`) counts as none
    of the `hilos`: so many others may be there besides, whatever number waits.
    """

    def __init__(self, hilos: int, reloj: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._reloj = reloj
        self._vacia = reloj()
        self._hilos, self._esperan, self._cerrado = hilos, 0, False
        self._numeros, self._ociosos = count(HILOS_DE_SERIE), 0
        self._sondas, self._rechazos = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
        self._sondas.set_thread_count(HILOS_SONDAS)
        self._rechazos.set_thread_count(1)
        self.set_thread_count(min(hilos, HILOS_DE_SERIE))

    def add_task(self, canal: Any) -> None:
        """Queue a connection whose next request is complete."""
        peticion = canal.requests[0]
        if es_sonda(getattr(peticion, "path", "")):
            self._sondas.add_task(Puesto(canal, self, SIN_SUPLENTES, siempre=True))
        elif self.espera_s() > self.limite_s():
            peticion.negada = True
            self._rechazos.add_task(Puesto(canal, self, SIN_SUPLENTES))
        else:
            super().add_task(Puesto(canal, self, self))
            self._dar_hilo()

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        """End all threads; those that wait are waited for, as any that answers."""
        with self.lock:
            self._cerrado = True
        for otro in (self._sondas, self._rechazos):
            otro.shutdown(cancel_pending, timeout)
        return bool(super().shutdown(cancel_pending, timeout))

    def suplir(self) -> bool:
        """See the port `Suplentes`: False when the server stops, or the system has no more threads."""
        with self.lock:
            if self._cerrado:
                return False
            self._esperan += 1
        if self._dar_hilo(para_otra=1):
            return True
        self.volver()
        return False

    def volver(self) -> None:
        """See the port `Suplentes`."""
        with self.lock:
            self._esperan -= 1

    def acabar(self) -> None:
        """See the port `Suplentes`.

        waitress has the first thread end that looks for work, even one that was woken for a request. So it is
        told only now: should that be another one, the calling thread, which looks next, takes the request.
        """
        with self.lock:
            if self._vivos > self._hilos + self._esperan and not self._cerrado:
                self.stop_count += 1

    def descansar(self) -> None:
        """End the threads that were idle at every moment since the last call, but for the first few."""
        with self.lock:
            sobran = min(self._ociosos, self._vivos - self._esperan - HILOS_DE_SERIE)
            if sobran > 0 and not self._cerrado:
                self.stop_count += sobran
                self.queue_cv.notify_all()
            self._ociosos = self._libres

    @property
    def _vivos(self) -> int:
        """How many threads there are; call it with the lock."""
        return len(self.threads) - int(self.stop_count)

    @property
    def _libres(self) -> int:
        """How many of them have nothing to do; call it with the lock."""
        return self._vivos - int(self.active_count)

    def _dar_hilo(self, para_otra: int = 0) -> bool:
        """See that there is a thread for each request in the queue, and for another one; False if not."""
        with self.lock:
            if self._cerrado:
                return False
            faltan = len(self.queue) + para_otra - self._libres
            self._ociosos = min(self._ociosos, -faltan)
            if faltan <= 0 or self._vivos >= self._hilos + self._esperan:
                return True
            numero = next(self._numeros)
            self.threads.add(numero)
            self.active_count += 1
        try:
            self.start_new_thread(self.handler_thread, numero)
        except RuntimeError as error:
            log.error("sin_mas_hilos", hilos=len(self.threads), error=str(error))
            with self.lock:
                self.threads.discard(numero)
                self.active_count -= 1
            return False
        return True

    def ahora(self) -> float:
        """Return the server's monotonic clock, in seconds."""
        return self._reloj()

    def espera_s(self) -> float:
        """Return how long the first request in the queue has waited, in seconds."""
        with self.lock:
            if self.queue:
                return float(self.queue[0].espera_s)
            self._vacia = self._reloj()
            return 0.0

    def limite_s(self) -> float:
        """Return how long a request may wait now, in seconds."""
        return EN_INUNDACION_S if self._reloj() - self._vacia > ESPERA_S else ESPERA_S


class Puesto:
    """A connection with its complete request, in a queue.

    `suplentes` are the threads of the queue. `siempre`: it is answered however long it has waited.
    """

    def __init__(
        self, canal: Any, despachador: Despachador, suplentes: Suplentes, siempre: bool = False
    ) -> None:
        self._canal, self._despachador, self._suplentes = canal, despachador, suplentes
        self._desde, self._siempre = despachador.ahora(), siempre

    @property
    def espera_s(self) -> float:
        """How long the request has waited, in seconds."""
        return self._despachador.ahora() - self._desde

    def service(self) -> None:
        """Answer the request; refuse it if it has waited too long."""
        tarde = not self._siempre and self.espera_s > self._despachador.limite_s()
        if tarde and self._canal.requests:
            self._canal.requests[0].negada = True
        with atendida_por(self._suplentes):
            self._canal.service()

    def cancel(self) -> None:
        """Close the connection."""
        self._canal.cancel()


class Tarea(WSGITask):  # type: ignore[misc]
    """Marks in the WSGI environment a request that got no thread, so that the application refuses it."""

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment."""
        entorno: dict[str, Any] = super().get_environment()
        if getattr(self.request, "negada", False):
            entorno[SIN_HILO] = ESPERA_S
        return entorno

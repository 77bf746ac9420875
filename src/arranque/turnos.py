"""The turns of an HTTP server: probes do not queue, and who would wait too long is refused."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from waitress.task import ThreadedTaskDispatcher, WSGITask

from aeropartners.seedwork.infraestructura.web.rechazos import TURNO_NEGADO, es_sonda

# Behind the threads nothing should wait: what does, waits for as long as requests take.
ESPERA_S = 1.0
HILOS_SONDAS = 2


class Despachador(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Gives each request a thread, in the order in which they came.

    Probes have threads of their own, and so have refusals: they cost little, and must not wait for what
    costs much. A request is refused when the first one in the queue has waited too long, and when it
    has itself by the time it comes to its turn.
    """

    def __init__(self, hilos: int, reloj: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._reloj = reloj
        self._sondas, self._rechazos = ThreadedTaskDispatcher(), ThreadedTaskDispatcher()
        self._sondas.set_thread_count(HILOS_SONDAS)
        self._rechazos.set_thread_count(1)
        self.set_thread_count(hilos)

    def add_task(self, canal: Any) -> None:
        """Queue the connection, whose next request has come whole."""
        peticion = canal.requests[0]
        if es_sonda(getattr(peticion, "path", "")):
            self._sondas.add_task(Turno(canal))
        elif self._espera_s() > ESPERA_S:
            peticion.negada = True
            self._rechazos.add_task(Turno(canal))
        else:
            super().add_task(Turno(canal, self._reloj))

    def shutdown(self, cancel_pending: bool = True, timeout: int = 5) -> bool:
        """End all threads."""
        for otro in (self._sondas, self._rechazos):
            otro.shutdown(cancel_pending, timeout)
        return bool(super().shutdown(cancel_pending, timeout))

    def _espera_s(self) -> float:
        with self.lock:
            return self.queue[0].espera_s if self.queue else 0.0


class Turno:
    """A connection's place in a queue."""

    def __init__(self, canal: Any, reloj: Callable[[], float] | None = None) -> None:
        self._canal = canal
        self._reloj = reloj
        self._desde = reloj() if reloj else 0.0

    @property
    def espera_s(self) -> float:
        """How long it has waited."""
        return self._reloj() - self._desde if self._reloj else 0.0

    def service(self) -> None:
        """Answer its request, as a refusal if the turn came too late."""
        if self.espera_s > ESPERA_S and self._canal.requests:
            self._canal.requests[0].negada = True
        self._canal.service()

    def cancel(self) -> None:
        """Close the connection."""
        self._canal.cancel()


class Tarea(WSGITask):  # type: ignore[misc]
    """Tells the application that a request got no turn."""

    def get_environment(self) -> dict[str, Any]:
        """Return the WSGI environment."""
        entorno: dict[str, Any] = super().get_environment()
        if getattr(self.request, "negada", False):
            entorno[TURNO_NEGADO] = ESPERA_S
        return entorno

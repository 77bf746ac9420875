"""The calls in flight: a pool of threads that call, and the results that came back."""

import threading
from collections.abc import Collection, Hashable, Sequence
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Protocol

import structlog

from aeropartners.seedwork.aplicacion.bucles.consumidor import LINGER_DESDE, LOTE
from aeropartners.seedwork.aplicacion.bucles.tareas import Curso

log = structlog.get_logger(__name__)

LINGER_S = 0.030
LINGER_MAXIMO_S = 0.1
Vuelta = tuple[Curso, object, Exception | None]


class EnVuelo(Protocol):
    """Runs the calls of a caller; one thread uses it."""

    @property
    def en_vuelo(self) -> Collection[Curso]:
        """The orders whose call has not come back."""

    def hacer(self, cursos: Sequence[Curso]) -> None:
        """Begin the calls of these orders."""

    def hechas(self, espera: float) -> list[Vuelta]:
        """Return the results that came back; wait at most `espera` seconds for the first."""

    def cerrar(self, espera: float) -> None:
        """Begin no more calls; wait at most `espera` seconds for those in flight."""


class Llamadas:
    """See `EnVuelo`. The pool's threads only run `llamar`; a hanging one ends with the process.

    Results come back by a SimpleQueue: a Future for each call costs more than a short call.
    """

    def __init__(self, hilos: int) -> None:
        self._en_vuelo: dict[int, Curso] = {}
        self._ultimas = 0
        self._salen: SimpleQueue[list[Curso] | None] = SimpleQueue()
        self._vuelven: SimpleQueue[list[Vuelta]] = SimpleQueue()
        self._maximo = hilos
        self._hilos: list[threading.Thread] = []

    @property
    def en_vuelo(self) -> Collection[Curso]:
        """The orders whose call has not come back."""
        return self._en_vuelo.values()

    def hacer(self, cursos: Sequence[Curso]) -> None:
        """Queue the calls of these orders, group by group, for the pool's threads."""
        for curso in cursos:
            self._en_vuelo[id(curso)] = curso
        # A thread is made when there is a call for it: while the database is away a caller is made again and
        # again, without ever calling.
        while len(self._hilos) < min(len(self._en_vuelo), self._maximo):
            hilo = threading.Thread(target=self._llamar, daemon=True)
            try:
                hilo.start()
            except RuntimeError as error:
                # The system has no more threads: those that there are do the calls.
                log.error("sin_mas_hilos", hilos=len(self._hilos), error=str(error))
                if not self._hilos:
                    raise
                break
            self._hilos.append(hilo)
        for juntos in agrupar(cursos):
            self._salen.put(juntos)

    def hechas(self, espera: float) -> list[Vuelta]:
        """Return the results that came back; wait at most `espera` seconds for the first.

        If the last time several came, wait a moment more, as long as results keep coming, up to a whole
        batch. Otherwise return at once, so that a single call is not delayed.
        """
        vueltas: list[Vuelta] = []
        llegadas = 0
        paciencia, limite = espera, monotonic() + espera
        while len(vueltas) < min(len(self._en_vuelo), LOTE):
            try:
                vueltas += self._vuelven.get(timeout=max(min(paciencia, limite - monotonic()), 0))
            except Empty:
                break
            llegadas += 1
            if llegadas == 1:
                paciencia = LINGER_S if self._ultimas >= LINGER_DESDE else 0
                limite = monotonic() + LINGER_MAXIMO_S
        self._ultimas = llegadas
        for curso, _, _ in vueltas:
            del self._en_vuelo[id(curso)]
        return vueltas

    def cerrar(self, espera: float) -> None:
        """Let the threads end after their present call; a thread that takes longer than `espera` is left."""
        for _ in self._hilos:
            self._salen.put(None)
        limite = monotonic() + espera
        for hilo in self._hilos:
            hilo.join(max(limite - monotonic(), 0))

    def _llamar(self) -> None:
        while (cursos := self._salen.get()) is not None:
            self._vuelven.put(llamar(cursos))


def agrupar(cursos: Sequence[Curso]) -> Collection[list[Curso]]:
    """Return the orders that are called together, each group in its order."""
    grupos: dict[Hashable, list[Curso]] = {}
    for curso in cursos:
        grupo = curso.tarea.grupo
        grupos.setdefault(id(curso) if grupo is None else (type(curso.tarea), grupo), []).append(curso)
    return grupos.values()


def llamar(cursos: Sequence[Curso]) -> list[Vuelta]:
    """Call for the orders of one group; return each order with its result or its exception."""
    return _juntos(cursos) if len(cursos) > 1 else [_solo(cursos[0])]


def _juntos(cursos: Sequence[Curso]) -> list[Vuelta]:
    try:
        resultados = cursos[0].tarea.llamar_juntas([(c.tarea, c.marcado) for c in cursos])
        return [(c, resultado, None) for c, resultado in zip(cursos, resultados, strict=True)]
    except Exception:
        # One order may have failed for all: called alone, each gets its own result.
        return [_solo(curso) for curso in cursos]


def _solo(curso: Curso) -> Vuelta:
    try:
        return curso, curso.tarea.llamar(curso.marcado), None
    except Exception as error:
        return curso, None, error

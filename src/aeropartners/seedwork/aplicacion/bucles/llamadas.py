"""The calls in flight: a few threads that call out, and what came back."""

import threading
from collections.abc import Collection, Hashable, Sequence
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Protocol

from aeropartners.seedwork.aplicacion.bucles.consumidor import LINGER_DESDE, LOTE
from aeropartners.seedwork.aplicacion.bucles.tareas import Curso

LINGER_S = 0.030
LINGER_MAXIMO_S = 0.1
Vuelta = tuple[Curso, object, Exception | None]


class EnVuelo(Protocol):
    """Where calls are made; used by one thread."""

    @property
    def en_vuelo(self) -> Collection[Curso]:
        """The orders whose call has not come back."""

    def hacer(self, cursos: Sequence[Curso]) -> None:
        """Begin the calls for these orders."""

    def hechas(self, espera: float) -> list[Vuelta]:
        """Return what came back; wait for the first one at most so many seconds."""

    def cerrar(self, espera: float) -> None:
        """Begin no more calls; wait at most so many seconds for those in flight."""


class Llamadas:
    """Used by one thread; the threads of the pool only run `llamar`, and end with the process if it hangs.

    Queues without a lock of their own for each call: a Future costs more than a short call does.
    """

    def __init__(self, hilos: int) -> None:
        self._en_vuelo: dict[int, Curso] = {}
        self._ultimas = 0
        self._salen: SimpleQueue[list[Curso] | None] = SimpleQueue()
        self._vuelven: SimpleQueue[list[Vuelta]] = SimpleQueue()
        self._hilos = [threading.Thread(target=self._llamar, daemon=True) for _ in range(hilos)]
        self._empezados = False

    @property
    def en_vuelo(self) -> Collection[Curso]:
        """The orders whose call has not come back."""
        return self._en_vuelo.values()

    def hacer(self, cursos: Sequence[Curso]) -> None:
        """Call for these orders, group by group, as soon as threads are free."""
        if cursos and not self._empezados:
            # With the first call: a caller that is made again and again while its database is away has none.
            self._empezados = True
            for hilo in self._hilos:
                hilo.start()
        for curso in cursos:
            self._en_vuelo[id(curso)] = curso
        for juntos in agrupar(cursos):
            self._salen.put(juntos)

    def hechas(self, espera: float) -> list[Vuelta]:
        """Return what came back; wait for the first one at most so many seconds, and for company a moment.

        Company only when the last time there were several, so a lone call is not late: then for as long
        as calls come back in quick succession, up to a whole batch.
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
        """Let the threads end when their call has; one that does not in time is left behind."""
        if not self._empezados:
            return
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
    """Call for the orders of one group, and return what came back or was raised."""
    return _juntos(cursos) if len(cursos) > 1 else [_solo(cursos[0])]


def _juntos(cursos: Sequence[Curso]) -> list[Vuelta]:
    try:
        resultados = cursos[0].tarea.llamar_juntas([(c.tarea, c.marcado) for c in cursos])
        return [(c, resultado, None) for c, resultado in zip(cursos, resultados, strict=True)]
    except Exception:
        # One of them may be bad: alone, each fails for itself.
        return [_solo(curso) for curso in cursos]


def _solo(curso: Curso) -> Vuelta:
    try:
        return curso, curso.tarea.llamar(curso.marcado), None
    except Exception as error:
        return curso, None, error

"""Waiting for ends: each thread waits for one thing to end, and one query asks for all of them."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event, Lock, Thread
from time import monotonic
from typing import Protocol
from uuid import UUID

import structlog

log = structlog.get_logger(__name__)

# The pause between two queries: half the time since the last thread came, within these bounds. Who has just
# come is asked for soon; threads that wait for long cost ten queries a second, however many they are.
PAUSA_MINIMA_S, PAUSA_MAXIMA_S = 0.01, 0.1
# A query that took long is followed by a pause of so many times its length, which ends after a second; so is
# one that failed.
VECES_LO_QUE_TARDO, PAUSA_TRAS_FALLO_S = 9, 1.0

Terminados = Callable[[Collection[UUID]], Collection[UUID]]


class Aviso(Protocol):
    """What a thread waits for, as `threading.Event` is."""

    def set(self) -> None: ...

    def clear(self) -> None: ...

    def wait(self, timeout: float, /) -> bool: ...


@contextmanager
def sin_suplente() -> Iterator[bool]:
    """Let the calling thread wait, and put no other in its place."""
    yield True


class _Final:
    """The end of one thing, and how many threads wait for it."""

    __slots__ = ("aviso", "esperan", "llegado")

    def __init__(self, aviso: Aviso) -> None:
        self.aviso, self.esperan, self.llegado = aviso, 0, False


class EsperaDeFinales:
    """Lets up to `maximo` threads wait, each for the end of one thing. Safe from any thread.

    `terminados` returns which of these ids have ended. One thread asks it, for all that are waited for; the
    thread lives only while somebody waits. When it raises, the waits go on, each to its deadline.

    `suplente` is entered for the time that a thread waits, and says whether it may wait at all.
    """

    def __init__(
        self,
        terminados: Terminados,
        maximo: int,
        suplente: Callable[[], AbstractContextManager[bool]] = sin_suplente,
        reloj: Callable[[], float] = monotonic,
        avisos: Callable[[], Aviso] = Event,
    ) -> None:
        self._terminados, self._suplente = terminados, suplente
        self._reloj, self._avisos = reloj, avisos
        self._cerrojo = Lock()
        self._libres, self._cerrada = maximo, False
        self._finales: dict[UUID, _Final] = {}
        self._pregunta, self._adelanto = False, avisos()
        self._ultima_llegada = self._proxima = self._no_antes = reloj()

    @property
    def esperan(self) -> int:
        """How many threads wait for an end."""
        with self._cerrojo:
            return sum(final.esperan for final in self._finales.values())

    @property
    def alguien(self) -> bool:
        """Whether anybody waits, as it was a moment ago: who comes now is asked for by the next query."""
        return bool(self._finales)

    def esperar(self, id: UUID, plazo_s: float) -> bool:
        """Wait until `id` has ended, for `plazo_s` seconds at most; return whether it has ended.

        False at once when `maximo` threads wait already, when the thread may not wait, and once this is
        closed. False says no more than that: the thing may end at any moment.
        """
        if not self._tomar_lugar():
            return False
        try:
            with self._suplente() as puede:
                return puede and self._esperar(id, plazo_s)
        finally:
            with self._cerrojo:
                self._libres += 1

    def avisar(self, ids: Collection[UUID]) -> None:
        """Wake whoever waits for these: they have ended. It asks nothing."""
        with self._cerrojo:
            for id in ids:
                if final := self._finales.pop(id, None):
                    final.llegado = True
                    final.aviso.set()

    def cerrar(self) -> None:
        """End every wait now, and let no other begin: the process stops."""
        with self._cerrojo:
            self._cerrada = True
            for final in self._finales.values():
                final.aviso.set()
            self._finales.clear()
            self._adelanto.set()

    def _tomar_lugar(self) -> bool:
        with self._cerrojo:
            hay = self._libres > 0 and not self._cerrada
            self._libres -= hay
            return hay

    def _esperar(self, id: UUID, plazo_s: float) -> bool:
        with self._cerrojo:
            if self._cerrada:
                return False
            final = self._finales.setdefault(id, _Final(self._avisos()))
            final.esperan += 1
            falta_quien_pregunte = self._adelantar()
        try:
            if falta_quien_pregunte:
                self._poner_quien_pregunte()
            final.aviso.wait(plazo_s)
        finally:
            with self._cerrojo:
                final.esperan -= 1
                if not final.esperan and self._finales.get(id) is final:
                    del self._finales[id]
        return final.llegado

    def _adelantar(self) -> bool:
        """Have the next query made soon, for a thread that has just come; True when nobody asks yet."""
        falta, self._pregunta = not self._pregunta, True
        self._ultima_llegada = self._reloj()
        pronto = max(self._ultima_llegada + PAUSA_MINIMA_S, self._no_antes)
        if falta or pronto < self._proxima:
            self._proxima = pronto
            self._adelanto.set()
        return falta

    def _poner_quien_pregunte(self) -> None:
        try:
            Thread(target=self._preguntar, name="espera-de-finales", daemon=True).start()
        except RuntimeError as error:  # the system has no more threads: the next who comes tries again
            log.error("espera_sin_hilo", error=str(error))
            with self._cerrojo:
                self._pregunta = False

    def _preguntar(self) -> None:
        """Ask, again and again, until nobody waits."""
        while True:
            with self._cerrojo:
                if not self._finales:
                    self._pregunta = False
                    return
                self._adelanto.clear()
                pausa_s, ids = self._proxima - self._reloj(), tuple(self._finales)
            if pausa_s > 0:
                self._adelanto.wait(pausa_s)
            else:
                self._preguntar_por(ids)

    def _preguntar_por(self, ids: Collection[UUID]) -> None:
        desde = self._reloj()
        descanso_s = PAUSA_TRAS_FALLO_S
        try:
            self.avisar(self._terminados(ids))
            descanso_s = min((self._reloj() - desde) * VECES_LO_QUE_TARDO, PAUSA_TRAS_FALLO_S)
        except Exception as error:
            log.warning("espera_sin_respuesta", error=f"{type(error).__name__}: {error}"[:300])
        with self._cerrojo:
            ahora = self._reloj()
            pausa_s = min(max((ahora - self._ultima_llegada) / 2, PAUSA_MINIMA_S), PAUSA_MAXIMA_S)
            self._no_antes = ahora + descanso_s
            self._proxima = max(ahora + pausa_s, self._no_antes)

"""What the clients of one HTTP port may take of it: connections, time and memory."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import inf
from threading import Lock
from time import monotonic
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Limites:
    """Seconds for the head of a request, for all of it, between two of them, and to read an answer.

    `conexiones` at once; `memoria` bytes for requests that are not whole or not answered, and as many for
    answers that nobody has read.
    """

    conexiones: int = 1_000
    cabeza_s: float = 10.0
    peticion_s: float = 30.0
    ocio_s: float = 30.0
    lectura_s: float = 60.0
    memoria: int = 64 * 1024 * 1024


class Conexion(Protocol):
    """A connection, as its port looks at it.

    `entrada` and `sin_leer` are the bytes that it holds of requests and of answers, `suelta` that it was let
    go: only `Conexiones` changes them.
    """

    entrada: int
    sin_leer: int
    suelta: bool

    def espera_desde(self) -> float:
        """Return since when it waits for its client; `inf` while its client waits for us."""

    def vence(self, limites: Limites) -> float:
        """Return when its client has had time enough."""

    def soltar(self) -> None:
        """Let its client go. From any thread, any number of times."""


class Conexiones:
    """The sums of one port, and whom it lets go. Sums are changed from any thread."""

    def __init__(self, limites: Limites, reloj: Callable[[], float] = monotonic) -> None:
        self.limites = limites
        self.ahora = reloj
        self._cerrojo, self._alivio = Lock(), Lock()
        self._entrada = self._salida = 0

    def contar(self, conexion: Conexion, entrada: int = 0, sin_leer: int = 0) -> None:
        """Add to the bytes that have come, and to those that nobody has read."""
        with self._cerrojo:
            conexion.entrada += entrada
            conexion.sin_leer += sin_leer
            if not conexion.suelta:
                self._entrada += entrada
                self._salida += sin_leer

    def olvidar(self, conexion: Conexion) -> None:
        """Count no more what a connection holds that is let go: nobody else has to go for it."""
        with self._cerrojo:
            if not conexion.suelta:
                conexion.suelta = True
                self._entrada -= conexion.entrada
                self._salida -= conexion.sin_leer

    @property
    def apretadas(self) -> bool:
        """Whether there is more of either than may be."""
        return max(self._entrada, self._salida) > self.limites.memoria

    def hacer_sitio(self, todas: Collection[Conexion]) -> None:
        """Let go who has waited longest without asking for anything, when there are too many.

        The newest one is among them: it goes only when all others are being answered.
        """
        if len(todas) > self.limites.conexiones:
            _soltar_la_de_mas([c for c in todas if _espera(c)], lambda c: -c.espera_desde())

    def aliviar(self, todas: Collection[Conexion]) -> None:
        """Let go who holds most of what there is too much of, one after the other, until the rest fits."""
        with self._alivio:
            while self._entrada > self.limites.memoria and _soltar_la_de_mas(
                [c for c in todas if c.entrada and _espera(c)], lambda c: c.entrada
            ):
                pass
            while self._salida > self.limites.memoria and _soltar_la_de_mas(
                [c for c in todas if c.sin_leer and _espera(c)], lambda c: c.sin_leer
            ):
                pass

    def revisar(self, todas: Collection[Conexion]) -> None:
        """Let go whose time is over, and who holds too much now that its answer is made."""
        self.aliviar(todas)
        ahora = self.ahora()
        for conexion in todas:
            if conexion.vence(self.limites) <= ahora:
                conexion.soltar()


def _espera(conexion: Conexion) -> bool:
    """Whether it waits for its client: nobody is let go whose answer is being made."""
    return conexion.espera_desde() < inf


def _soltar_la_de_mas(esperan: Collection[Conexion], cuanto: Callable[[Conexion], float]) -> bool:
    """Let go the one of which there is most; False when there is none."""
    if not esperan:
        return False
    max(esperan, key=cuanto).soltar()
    return True

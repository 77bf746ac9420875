"""The limits of the clients of one HTTP port: connections, time and memory."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import inf
from threading import Lock
from time import monotonic
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Limites:
    """Limits of a port; the names that end in `_s` are in seconds.

    `conexiones` at once. `cabeza_s` for the head of a request, `peticion_s` for all of it, `ocio_s` between
    two requests, `lectura_s` to read an answer. `memoria`: bytes of requests that are incomplete or not
    answered, and as many bytes of answers that clients have not read.
    """

    conexiones: int = 1_000
    cabeza_s: float = 10.0
    peticion_s: float = 30.0
    ocio_s: float = 30.0
    lectura_s: float = 60.0
    memoria: int = 64 * 1024 * 1024


class Conexion(Protocol):
    """A connection, as `Conexiones` sees it.

    `entrada` and `sin_leer` are the bytes of requests and of unread answers that it holds; `suelta` is true
    once it is closed. Only `Conexiones` changes the three.
    """

    entrada: int
    sin_leer: int
    suelta: bool

    def espera_desde(self) -> float:
        """Return since when the server waits for this client; `inf` while the client waits for the server."""

    def vence(self, limites: Limites) -> float:
        """Return when the client's time is over, on the clock of `Conexiones.ahora`."""

    def soltar(self) -> None:
        """Close the connection; safe from any thread, any number of times."""


class Conexiones:
    """Counts the bytes of one port's connections and chooses which to close; counted from any thread."""

    def __init__(self, limites: Limites, reloj: Callable[[], float] = monotonic) -> None:
        self.limites = limites
        self.ahora = reloj
        self._cerrojo, self._alivio = Lock(), Lock()
        self._entrada = self._salida = 0

    def contar(self, conexion: Conexion, entrada: int = 0, sin_leer: int = 0) -> None:
        """Add to the bytes that a connection has received, and to those that its client has not read."""
        with self._cerrojo:
            conexion.entrada += entrada
            conexion.sin_leer += sin_leer
            if not conexion.suelta:
                self._entrada += entrada
                self._salida += sin_leer

    def olvidar(self, conexion: Conexion) -> None:
        """Stop counting the bytes of a closed connection, so that no other is closed because of them."""
        with self._cerrojo:
            if not conexion.suelta:
                conexion.suelta = True
                self._entrada -= conexion.entrada
                self._salida -= conexion.sin_leer

    @property
    def apretadas(self) -> bool:
        """Whether requests or unread answers exceed the limit of memory."""
        return max(self._entrada, self._salida) > self.limites.memoria

    def hacer_sitio(self, todas: Collection[Conexion]) -> None:
        """With too many connections, close the one whose client has been waited for longest.

        The newest connection is closed only if all the others are being answered.
        """
        if len(todas) > self.limites.conexiones:
            _soltar_la_de_mas([c for c in todas if _espera(c)], lambda c: -c.espera_desde())

    def aliviar(self, todas: Collection[Conexion]) -> None:
        """Over a limit of memory, close the connections that hold most, until the rest fits."""
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
        """Close the connections whose time is over; over a limit of memory, those that hold most."""
        self.aliviar(todas)
        ahora = self.ahora()
        for conexion in todas:
            if conexion.vence(self.limites) <= ahora:
                conexion.soltar()


def _espera(conexion: Conexion) -> bool:
    """Whether the server waits for this client: a connection that is being answered is never closed."""
    return conexion.espera_desde() < inf


def _soltar_la_de_mas(esperan: Collection[Conexion], cuanto: Callable[[Conexion], float]) -> bool:
    """Close the connection with the highest value of `cuanto`; False when there is none."""
    if not esperan:
        return False
    max(esperan, key=cuanto).soltar()
    return True

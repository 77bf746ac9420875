"""How often an address may fail to say who it is: then it is not listened to for a while, right or wrong."""

from collections import OrderedDict, deque
from collections.abc import Callable
from math import ceil
from threading import Lock
from time import monotonic

VENTANA_S = 60.0
DIRECCIONES = 10_000


class Intentos:
    """Counts failures by address over a minute; safe from any thread. `maximo` 0 never refuses.

    A refused address may not try even a right key: otherwise guesses would be answered as fast as ever.
    At most DIRECCIONES are remembered; the ones that failed longest ago are forgotten first.
    """

    def __init__(self, maximo: int = 10, reloj: Callable[[], float] = monotonic) -> None:
        self._maximo = maximo
        self._reloj = reloj
        self._cerrojo = Lock()
        self._fallos: OrderedDict[str, deque[float]] = OrderedDict()

    def fallar(self, origen: str) -> None:
        """Count one more."""
        if not self._maximo:
            return
        with self._cerrojo:
            fallos = self._fallos.setdefault(origen, deque(maxlen=self._maximo))
            fallos.append(self._reloj())
            self._fallos.move_to_end(origen)
            if len(self._fallos) > DIRECCIONES:
                self._fallos.popitem(last=False)

    def espera_s(self, origen: str) -> int:
        """Return the seconds until the address is listened to again; 0 when it is."""
        if origen not in self._fallos:
            return 0
        with self._cerrojo:
            fallos = self._fallos.get(origen)
            if not fallos or len(fallos) < self._maximo:
                return 0
            return max(0, ceil(VENTANA_S - (self._reloj() - fallos[0])))

"""Rate limit of failed logins per address; while an address is blocked, even a valid key gets 429."""

from collections import OrderedDict, deque
from collections.abc import Callable
from math import ceil
from threading import Lock
from time import monotonic

VENTANA_S = 60.0
DIRECCIONES = 10_000


class LimiteDeAccesos:
    """Counts failed logins by address over VENTANA_S; safe from any thread. `maximo` 0 sets no limit.

    A blocked address cannot use a valid key either: otherwise an attacker could go on guessing at full speed.
    At most DIRECCIONES addresses are kept; those whose last failure is oldest are dropped first.
    """

    def __init__(self, maximo: int = 10, reloj: Callable[[], float] = monotonic) -> None:
        self._maximo = maximo
        self._reloj = reloj
        self._cerrojo = Lock()
        self._fallos: OrderedDict[str, deque[float]] = OrderedDict()

    def fallar(self, origen: str) -> None:
        """Count a failed login of this address."""
        if not self._maximo:
            return
        with self._cerrojo:
            fallos = self._fallos.setdefault(origen, deque(maxlen=self._maximo))
            fallos.append(self._reloj())
            self._fallos.move_to_end(origen)
            if len(self._fallos) > DIRECCIONES:
                self._fallos.popitem(last=False)

    def espera_s(self, origen: str) -> int:
        """Return the seconds until the address is no longer blocked; 0 if it is not blocked."""
        if origen not in self._fallos:
            return 0
        with self._cerrojo:
            fallos = self._fallos.get(origen)
            if not fallos or len(fallos) < self._maximo:
                return 0
            return max(0, ceil(VENTANA_S - (self._reloj() - fallos[0])))

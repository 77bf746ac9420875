"""The resident memory of processes over time, looked at by a thread twice a second."""

import threading
import time
from collections.abc import Mapping
from types import TracebackType

import psutil

MIRAR_S = 0.5
MIB = 1024 * 1024


class Memoria:
    """Looks while its block runs."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self.vistas: list[tuple[float, dict[str, float]]] = []
        self._fin = threading.Event()
        self._hilo = threading.Thread(target=self._mirar)

    def __enter__(self) -> "Memoria":
        self._hilo.start()
        return self

    def __exit__(
        self, tipo: type[BaseException] | None, error: BaseException | None, traza: TracebackType | None
    ) -> None:
        self._fin.set()
        self._hilo.join()

    def entre(self, comienzo: float, fin: float) -> dict[str, dict[str, float]]:
        """Return what each process had before, in the first and the last third of the time, and after."""
        tercio = (fin - comienzo) / 3
        tramos = {
            "antes": (0.0, comienzo),
            "primer_tercio": (comienzo, comienzo + tercio),
            "ultimo_tercio": (fin - tercio, fin),
            "despues": (fin, float("inf")),
        }
        return {
            nombre: {
                tramo: round(max((m[nombre] for t, m in self.vistas if desde <= t < hasta), default=0.0), 1)
                for tramo, (desde, hasta) in tramos.items()
            }
            for nombre in self._pids
        }

    def _mirar(self) -> None:
        while not self._fin.wait(MIRAR_S):
            self.vistas.append((time.time(), residente(self._pids)))


def residente(pids: Mapping[str, int]) -> dict[str, float]:
    """Return what each process holds now, in MiB."""
    return {n: round(psutil.Process(pid).memory_info().rss / MIB, 1) for n, pid in pids.items()}

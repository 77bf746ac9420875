"""Waiting for facts."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
# What has not come soon is asked for less often: to look takes the CPU that it needs to come.
PRONTO_S, TARDE_S = 0.01, 0.1


def hasta(hecho: Callable[[], T], que: str, segundos: float = 90) -> T:
    """Wait for a fact and return it; when it does not come, say which."""
    limite, pausa = time.monotonic() + segundos, PRONTO_S
    while True:
        if valor := hecho():
            return valor
        if time.monotonic() > limite:
            raise AssertionError(f"No llegó el hecho: {que}")
        time.sleep(pausa)
        pausa = min(pausa * 1.2, TARDE_S)

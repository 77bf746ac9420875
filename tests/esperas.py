"""Waiting for facts."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def hasta(hecho: Callable[[], T], que: str, segundos: float = 90) -> T:
    """Wait for a fact and return it; when it does not come, say which."""
    limite = time.monotonic() + segundos
    while True:
        if valor := hecho():
            return valor
        if time.monotonic() > limite:
            raise AssertionError(f"No llegó el hecho: {que}")
        time.sleep(0.02)

"""Stored names of messages and events, written by hand, so that moving a class never changes the wire."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def evento(nombre: str, version: int) -> Callable[[type[T]], type[T]]:
    """Give a class its stored name and version, in place of its import path."""

    def marcar(clase: type[T]) -> type[T]:
        clase.__nombre__ = (nombre, version)  # type: ignore[attr-defined]
        return clase

    return marcar


def nombre_de(clase: type[object]) -> tuple[str, int]:
    """Return the (name, version) that `evento` gave to a class; raises AttributeError if it gave none."""
    nombre, version = clase.__nombre__  # type: ignore[attr-defined]
    return str(nombre), int(version)

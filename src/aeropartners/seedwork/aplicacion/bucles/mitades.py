"""Finds the things that fail among many: tries all at once, then by halves."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from aeropartners.seedwork.aplicacion.puertos import ConexionPerdida

T = TypeVar("T")
R = TypeVar("R")


def por_mitades(
    cosas: Sequence[T],
    hacer: Callable[[Sequence[T]], Sequence[R]],
    fallar: Callable[[T, Exception], Sequence[R]],
) -> Sequence[R]:
    """Do all things at once; if that fails, by halves. A thing that fails alone goes to `fallar`.

    Returns the results of `hacer` and `fallar`, in order. ConexionPerdida goes to the caller, because it is
    no fault of any thing; things done before stay done.
    """
    try:
        return hacer(cosas)
    except ConexionPerdida:
        raise
    except Exception as error:
        causa = error
    return partir(cosas, causa, hacer, fallar)


def partir(
    cosas: Sequence[T],
    causa: Exception,
    hacer: Callable[[Sequence[T]], Sequence[R]],
    fallar: Callable[[T, Exception], Sequence[R]],
) -> Sequence[R]:
    """Go on by halves with things that failed together with `causa`; a single thing goes to `fallar`."""
    if len(cosas) == 1:
        return fallar(cosas[0], causa)
    mitad = len(cosas) // 2
    return [*por_mitades(cosas[:mitad], hacer, fallar), *por_mitades(cosas[mitad:], hacer, fallar)]

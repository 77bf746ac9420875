"""How a loop finds the things that fail among many: all at once, then by halves."""

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
    """Do them all at once; those that fail alone, too, go to `fallar`. Returns what both returned, in order.

    ConexionPerdida goes to the caller: it is nobody's failure, and what was done before it stays done.
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
    """Go on by halves with what failed together by `causa`; one alone is what failed."""
    if len(cosas) == 1:
        return fallar(cosas[0], causa)
    mitad = len(cosas) // 2
    return [*por_mitades(cosas[:mitad], hacer, fallar), *por_mitades(cosas[mitad:], hacer, fallar)]

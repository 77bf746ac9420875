"""While a thread of an HTTP server waits for long, another one serves in its place."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Suplentes(Protocol):
    """The threads of an HTTP server. Safe from any thread; no call blocks."""

    def suplir(self) -> bool:
        """Put another thread in the place of the calling one; False when there is none: it must not wait."""

    def volver(self) -> None:
        """Say that the calling thread, which was replaced, waits no more: there is one thread too many."""

    def acabar(self) -> None:
        """Say that the calling thread has answered: it ends if there is one too many."""


class _SinSuplentes:
    def suplir(self) -> bool:
        return False

    def volver(self) -> None:
        return

    def acabar(self) -> None:
        return


SIN_SUPLENTES: Suplentes = _SinSuplentes()
_suplentes: ContextVar[Suplentes | None] = ContextVar("suplentes", default=None)


@contextmanager
def atendida_por(suplentes: Suplentes) -> Iterator[None]:
    """Say whose thread answers the request within the block, the requests that it makes in it included."""
    antes = _suplentes.set(suplentes)
    try:
        yield
    finally:
        _suplentes.reset(antes)
        suplentes.acabar()


@contextmanager
def con_suplente() -> Iterator[bool]:
    """Replace the calling thread within the block, in which it only waits; False when it must not wait.

    A thread of no server, as that of a test's client, waits without one.
    """
    suplentes = _suplentes.get()
    puede = suplentes is None or suplentes.suplir()
    try:
        yield puede
    finally:
        if puede and suplentes is not None:
            suplentes.volver()

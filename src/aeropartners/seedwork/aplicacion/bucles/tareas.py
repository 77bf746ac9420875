"""The caller's tasks: what an order does, and the state of one order in flight."""

import heapq
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from aeropartners.seedwork.aplicacion.mensajes import Recibido, Sobre
from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.aplicacion.retraso import DESVIO


@dataclass(frozen=True, slots=True)
class Espera:
    """The other service has no final answer yet; call again at `hasta`."""

    hasta: datetime


class Tarea(Protocol):
    """What one kind of order does: commit a command (the mark), call, commit a command with the result.

    Every part must be repeatable: after a crash the order starts again from its message.
    """

    @property
    def grupo(self) -> Hashable | None:
        """Orders of one round with the same group are called together; None: the order is called alone."""
        return None

    def marca(self) -> object | None:
        """Return the command to commit before the call; None when there is none.

        When a rule refuses this command the order ends without a call.
        """

    def no_antes(self) -> datetime | None:
        """Return the earliest time for the mark; None for at once."""

    def llamar(self, marcado: object) -> Espera | object | None:
        """Call the other service; `marcado` is the result of the mark.

        Return a command to commit, an Espera to call again later, or None when the order is done.
        """

    def llamar_juntas(self, pares: Sequence[tuple[Any, object]]) -> Sequence[Espera | object | None]:
        """Call for several (task, mark's result) of this group; return for each what `llamar` would.

        The default calls one after the other. If this raises, each order is called alone instead.
        """
        return [tarea.llamar(marcado) for tarea, marcado in pares]


@dataclass(order=True, slots=True)
class Curso:
    """One order in flight; `fallos` counts failed commits, `caidas` calls that raised.

    `preparado`: the mark is committed; `marcado` is its result. `sospechoso`: the order was in hand when a
    process died. `contado`: its row in `intentos` must be deleted when it is done.
    """

    momento: datetime
    llegada: int
    recibido: Recibido = field(compare=False)
    sobre: Sobre = field(compare=False)
    tarea: Tarea = field(compare=False)
    preparado: bool = field(default=False, compare=False)
    marcado: object = field(default=None, compare=False)
    sospechoso: bool = field(default=False, compare=False)
    contado: bool = field(default=False, compare=False)
    fallos: int = field(default=0, compare=False)
    caidas: int = field(default=0, compare=False)


class EnEspera:
    """The orders that wait for their moment; for one thread.

    Of a clock that was set back the moments move with it: else the orders would wait for as long.
    """

    def __init__(self, reloj: Reloj) -> None:
        self._reloj = reloj
        self._visto: datetime | None = None
        self._monton: list[Curso] = []
        self._llegadas = 0

    def __len__(self) -> int:
        return len(self._monton)

    @property
    def proximo(self) -> datetime | None:
        """When the next order is due; None when no order waits."""
        return self._monton[0].momento if self._monton else None

    def meter(self, curso: Curso) -> None:
        """Let an order wait, behind those of the same moment."""
        self._llegadas += 1
        curso.llegada = self._llegadas
        self.devolver(curso)

    def devolver(self, curso: Curso) -> None:
        """Let an order wait on in the place that it had."""
        heapq.heappush(self._monton, curso)

    def debidos(self, maximo: int) -> list[Curso]:
        """Take out at most this many orders whose moment has come, the earliest first."""
        antes, self._visto = self._visto, (ahora := self._reloj.ahora())
        if antes and antes - ahora > DESVIO:
            for curso in self._monton:
                curso.momento -= antes - ahora
        debidos: list[Curso] = []
        while self._monton and self._monton[0].momento <= ahora and len(debidos) < maximo:
            debidos.append(heapq.heappop(self._monton))
        return debidos


def en_utc(momento: datetime) -> datetime:
    """Return a time with a zone, so that it can be compared; a time without a zone is UTC."""
    return momento if momento.tzinfo else momento.replace(tzinfo=UTC)

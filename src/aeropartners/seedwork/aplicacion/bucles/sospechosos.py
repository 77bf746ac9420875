"""The careful start: a message that kills the process that handles it must be counted too.

The broker does not help: on a Failover subscription its redelivery count stays 0 after a takeover.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from uuid import UUID

from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.puertos import UnidadDeTrabajo

CUIDADOS = 1_000
# A call that hangs keeps the suspects of other loops waiting no longer than this.
EXCLUSIVA_S = 30.0


class Sospechosos:
    """Knows whether the predecessor of a process stopped cleanly, and counts its first messages if not.

    A message that comes for the first time is counted with its whole batch. One that was there at a
    death is a suspect: it goes alone, and is counted again only when its turn has come, so that those
    that only waited beside the one that kills are not taken for it. There is one `exclusiva` for all loops
    of a process: whatever dies while a suspect has it, no suspect of another loop was under way.
    """

    def __init__(self, ejecutor: Ejecutor, consumidor: str, exclusiva: Lock) -> None:
        self._ejecutor = ejecutor
        self._consumidor = consumidor
        self._exclusiva = exclusiva
        self.es_mia = False
        self._faltan = 0

    def empezar(self, tras_otro_proceso: bool) -> None:
        """Note that the loop runs, and learn how the process before it ended.

        A loop made again in the same process follows an exception, and no message did that to it.
        """
        if tras_otro_proceso:
            self._faltan = 0 if self._anotar(limpio=False) else CUIDADOS

    def terminar(self) -> None:
        """Note that the loop stopped cleanly."""
        self._anotar(limpio=True)

    def contar(self, ids: Sequence[UUID]) -> Mapping[UUID, int]:
        """Commit that a batch is in hand and return the counts, 2 or more for a suspect.

        Nothing once care is over.
        """
        if self._faltan <= 0 or not ids:
            return {}
        self._faltan -= len(ids)
        return self._sumar(ids, 0)

    @contextmanager
    def a_solas(self, id: UUID) -> Iterator[None]:
        """Wait for the turn, and commit that a suspect is about to be handled."""
        self.es_mia = self._exclusiva.acquire(timeout=EXCLUSIVA_S)
        try:
            self._sumar([id], 1)
            yield
        finally:
            self.dejar_exclusiva()

    def tomar_exclusiva(self, id: UUID) -> bool:
        """Commit that a suspect is about to be handled; False while it is another one's turn."""
        if not self._exclusiva.acquire(blocking=False):
            return False
        self.es_mia = True
        self._sumar([id], 1)
        return True

    def dejar_exclusiva(self) -> None:
        """Let the next suspect go; nothing when it was not this loop's turn."""
        if self.es_mia:
            self.es_mia = False
            self._exclusiva.release()

    def sobrevivir(self, id: UUID) -> None:
        """Commit that a suspect's turn is over, that nobody died in it, and that it is not done yet."""
        self._sumar([id], -1)

    def absolver(self, id: UUID) -> None:
        """Commit that a suspect was handled, where no inbox says so when it comes again."""

        def olvidar(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            uow.olvidar_intento(self._consumidor, id)
            return ()

        self._ejecutor.ejecutar(olvidar)

    def _sumar(self, ids: Sequence[UUID], suma: int) -> Mapping[UUID, int]:
        cuentas: dict[UUID, int] = {}

        def sumar(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            cuentas.update(uow.sumar_intento(self._consumidor, ids, suma))
            return ()

        self._ejecutor.ejecutar(sumar)
        return cuentas

    def _anotar(self, *, limpio: bool) -> bool:
        antes = True

        def anotar(uow: UnidadDeTrabajo) -> Sequence[Sobre]:
            nonlocal antes
            antes = uow.anotar_parada(self._consumidor, limpio)
            return ()

        self._ejecutor.ejecutar(anotar)
        return antes

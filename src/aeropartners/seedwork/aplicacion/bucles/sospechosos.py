"""The careful start after a crash: finds the message that kills the process that handles it.

Attempts must be counted here because the broker does not: on a Failover subscription its redelivery count
stays 0 after a takeover.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from uuid import UUID

from aeropartners.seedwork.aplicacion.bucles.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.puertos import UnidadDeTrabajo

CUIDADOS = 1_000
# A hanging call of one loop delays the suspects of other loops by at most this time.
EXCLUSIVA_S = 30.0


class Sospechosos:
    """Counts the first CUIDADOS messages of a loop if the process before it did not stop cleanly.

    A message that comes for the first time is counted together with its batch, before the batch is handled. A
    message whose id was counted before was in hand when a process died: a suspect. A suspect is handled
    alone, and counted again only when its turn begins. So the other messages of the batch in which a process
    died get no further count.

    All loops of a process share the lock `exclusiva`: one suspect at a time is handled, so a death during its
    turn is the fault of no other suspect.
    """

    def __init__(self, ejecutor: Ejecutor, consumidor: str, exclusiva: Lock) -> None:
        self._ejecutor = ejecutor
        self._consumidor = consumidor
        self._exclusiva = exclusiva
        self.es_mia = False
        self._faltan = 0

    def empezar(self, tras_otro_proceso: bool) -> None:
        """Record that the loop runs, and read whether the process before stopped cleanly.

        A loop that was made again in the same process (`tras_otro_proceso` false) needs no care: its
        predecessor ended by an exception, and no message killed the process.
        """
        if tras_otro_proceso:
            self._faltan = 0 if self._anotar(limpio=False) else CUIDADOS

    def terminar(self) -> None:
        """Record that the loop stopped cleanly."""
        self._anotar(limpio=True)

    def contar(self, ids: Sequence[UUID]) -> Mapping[UUID, int]:
        """Commit that these messages are in hand; return their counts. 2 or more marks a suspect.

        Returns an empty mapping once CUIDADOS messages have been counted.
        """
        if self._faltan <= 0 or not ids:
            return {}
        self._faltan -= len(ids)
        return self._sumar(ids, 0)

    @contextmanager
    def a_solas(self, id: UUID) -> Iterator[None]:
        """Wait for `exclusiva`, at most EXCLUSIVA_S; commit that the suspect's turn begins; run the body."""
        self.es_mia = self._exclusiva.acquire(timeout=EXCLUSIVA_S)
        try:
            self._sumar([id], 1)
            yield
        finally:
            self.dejar_exclusiva()

    def tomar_exclusiva(self, id: UUID) -> bool:
        """Commit that the suspect's turn begins.

        False, without waiting, while another loop has `exclusiva`.
        """
        if not self._exclusiva.acquire(blocking=False):
            return False
        self.es_mia = True
        self._sumar([id], 1)
        return True

    def dejar_exclusiva(self) -> None:
        """Release `exclusiva` if this loop holds it."""
        if self.es_mia:
            self.es_mia = False
            self._exclusiva.release()

    def sobrevivir(self, id: UUID) -> None:
        """Commit that the suspect's turn is over and killed no process, but the message is not done yet."""
        self._sumar([id], -1)

    def absolver(self, id: UUID) -> None:
        """Delete the count of a suspect that was handled, in loops that write no inbox row for it."""

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

"""The relay: the safety net that publishes what a dead or blocked publisher left in the outbox."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol
from uuid import UUID

import structlog

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Broker, BrokerNoDisponible
from aeropartners.seedwork.aplicacion.puntos import pasar

log = structlog.get_logger(__name__)

EDAD_S = 2.0
EDAD_SIN_CERROJO_S = 10.0
MAXIMO = 50


class Salida(Protocol):
    """The outbox as the relay sees it; rows are read without a lock, repeats are harmless."""

    def unico(self) -> AbstractContextManager[bool]:
        """Hold the database-wide relay lock; False when another process holds it."""

    def viejas(self, edad_s: float, maximo: int) -> Sequence[tuple[UUID, Sequence[Envio]]]:
        """Return bursts older than `edad_s`, in outbox order."""

    def borrar(self, lotes: Sequence[UUID]) -> None:
        """Delete rows that the broker has stored."""


class Relevo:
    """Publishes old outbox rows; one thread, driven by `una_ronda`, with a broker object of its own."""

    def __init__(self, salida: Salida, broker: Broker) -> None:
        self._salida = salida
        self._broker = broker

    def una_ronda(self) -> int:
        """Publish what is older than 2 s; return how many bursts.

        Without the lock only what is older than 10 s: then its holder hangs.
        """
        with self._salida.unico() as soy_yo:
            rafagas = self._salida.viejas(EDAD_S if soy_yo else EDAD_SIN_CERROJO_S, MAXIMO)
            if not rafagas:
                return 0
            pasar("relevo", "publicar")
            try:
                self._broker.enviar(envio for _, envios in rafagas for envio in envios)
                self._broker.asegurar()
            except BrokerNoDisponible as error:
                log.warning("relevo_sin_broker", error=str(error), pendientes=len(rafagas))
                return 0
            pasar("relevo", "publicado")
            self._salida.borrar([lote for lote, _ in rafagas])
            return len(rafagas)

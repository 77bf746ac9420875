"""The relay: deletes what the publisher sent, and publishes what a dead or blocked one left behind."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol
from uuid import UUID

import structlog

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.publicador import Publicador
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

    def __init__(self, salida: Salida, broker: Broker, publicador: Publicador) -> None:
        self._salida = salida
        self._broker = broker
        self._publicador = publicador

    def una_ronda(self) -> int:
        """Delete what this process has published, publish what is older than 2 s; return how many bursts.

        Without the lock only what is older than 10 s: then its holder hangs.
        """
        self.limpiar()
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

    def terminar(self) -> None:
        """Leave nothing behind that the next process would send again."""
        self.limpiar()
        self._broker.cerrar()

    def limpiar(self) -> None:
        """Delete the rows of bursts that the broker has stored, many at once."""
        confirmados = self._publicador.tomar_confirmados()
        if not confirmados:
            return
        try:
            self._salida.borrar(confirmados)
        except BaseException:
            self._publicador.devolver(confirmados)
            raise

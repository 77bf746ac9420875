"""The publisher: one thread of the process that sends the bursts of committed transactions."""

import queue
import threading
from collections.abc import Sequence
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Broker, BrokerNoDisponible
from aeropartners.seedwork.aplicacion.puntos import pasar

Rafaga = tuple[UUID, Sequence[Envio]]


class Publicador:
    """Takes bursts from the loops and reports which of them the broker has stored.

    Safe from any thread. When the queue is full a burst is left in the outbox, where the relay
    finds it; so it is when the broker does not answer. Nothing is lost and no loop ever waits.
    """

    def __init__(self, broker: Broker, capacidad: int = 200) -> None:
        self._broker = broker
        self._cola: queue.Queue[Rafaga] = queue.Queue(capacidad)
        self._confirmados: list[UUID] = []
        self._cerrojo = threading.Lock()

    def entregar(self, lote: UUID, envios: Sequence[Envio]) -> bool:
        """Queue a burst; False when it stays for the relay."""
        try:
            self._cola.put_nowait((lote, envios))
        except queue.Full:
            return False
        return True

    def tomar_confirmados(self) -> list[UUID]:
        """Take the outbox ids whose bursts are stored; the relay takes them, and deletes the rows."""
        with self._cerrojo:
            tomados, self._confirmados = self._confirmados, []
        return tomados

    def devolver(self, confirmados: list[UUID]) -> None:
        """Give back ids whose deletion was rolled back."""
        with self._cerrojo:
            self._confirmados += confirmados

    @property
    def vacio(self) -> bool:
        """Whether no burst waits in the queue."""
        return self._cola.empty()

    def una_ronda(self, espera: float) -> bool:
        """Send all that waits, as one burst; True when something was sent and stored."""
        try:
            rafagas = [self._cola.get(timeout=espera)]
        except queue.Empty:
            return False
        while not self._cola.empty():
            rafagas.append(self._cola.get_nowait())
        pasar("publicador", "publicar")
        try:
            self._broker.enviar(envio for _, envios in rafagas for envio in envios)
            self._broker.asegurar()
        except BrokerNoDisponible:
            return False
        pasar("publicador", "publicado")
        self.devolver([lote for lote, _ in rafagas])
        return True

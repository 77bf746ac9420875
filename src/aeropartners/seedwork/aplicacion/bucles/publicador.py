"""The publisher: one thread of the process that sends the bursts of committed transactions."""

import queue
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Broker, BrokerNoDisponible
from aeropartners.seedwork.aplicacion.puntos_de_choque import pasar

Entregada = tuple[UUID, Sequence[Envio]]


class Publicador:
    """Takes bursts from the loops, sends them, and records which of them the broker has stored.

    Safe from any thread. A burst stays in the outbox, where the relay finds it, when the queue is full or the
    broker does not answer: no message is lost, and no loop waits for the broker.

    When a topic refuses messages, they and all later messages of that topic are left to the relay (the topic
    is stopped), until the relay has sent the last of them (`soltar`). So no message overtakes an older one of
    its topic.
    """

    def __init__(self, broker: Broker, capacidad: int = 200) -> None:
        self._broker = broker
        self._cola: queue.Queue[Entregada] = queue.Queue(capacidad)
        self._confirmados: list[UUID] = []
        self._partes: dict[UUID, Sequence[Envio]] = {}
        self._ultimas: dict[str, UUID | None] = {}
        self._cerrojo = threading.Lock()

    def entregar(self, rafaga_id: UUID, envios: Sequence[Envio]) -> bool:
        """Queue a burst to be sent; False when the queue is full and the relay will send the burst."""
        try:
            self._cola.put_nowait((rafaga_id, envios))
        except queue.Full:
            return False
        return True

    def tomar_confirmados(self) -> list[UUID]:
        """Take the outbox ids of the bursts that are stored whole; the relay deletes these rows."""
        with self._cerrojo:
            tomados, self._confirmados = self._confirmados, []
        return tomados

    def devolver(self, confirmados: list[UUID]) -> None:
        """Give back ids whose rows could not be deleted."""
        with self._cerrojo:
            self._confirmados += confirmados

    def tomar_partes(self) -> dict[UUID, Sequence[Envio]]:
        """Take the stored messages of bursts stored in part; the relay removes them from their rows."""
        with self._cerrojo:
            tomadas, self._partes = self._partes, {}
        return tomadas

    def devolver_partes(self, partes: Mapping[UUID, Sequence[Envio]]) -> None:
        """Give back messages that could not be removed from their rows."""
        with self._cerrojo:
            self._partes |= partes

    @property
    def detenidos(self) -> dict[str, UUID | None]:
        """The stopped topics, each with the last burst that was left to the relay for it, if any."""
        with self._cerrojo:
            return dict(self._ultimas)

    def detener(self, temas: Iterable[str]) -> None:
        """Stop these topics: the outbox holds older messages of them, of this process or another one."""
        with self._cerrojo:
            self._ultimas = dict.fromkeys(temas) | self._ultimas

    def soltar(self, tema: str, ultima: UUID | None) -> None:
        """Send to this topic again, if `ultima` is still the last burst that was left to the relay for it."""
        with self._cerrojo:
            if tema in self._ultimas and self._ultimas[tema] == ultima:
                del self._ultimas[tema]

    @property
    def vacio(self) -> bool:
        """Whether no burst waits in the queue."""
        return self._cola.empty()

    def una_ronda(self, espera: float) -> bool:
        """Send all queued bursts as one; wait at most `espera` seconds for the first.

        True when the broker answered; messages that it refused are left to the relay.
        """
        try:
            rafagas = [self._cola.get(timeout=espera)]
        except queue.Empty:
            return False
        while not self._cola.empty():
            rafagas.append(self._cola.get_nowait())
        # Read once: a topic that `soltar` releases during this round was still left out of what is sent.
        detenidos = self.detenidos
        pasar("publicador", "publicar")
        try:
            self._broker.enviar(_sin(detenidos, rafagas))
            rechazos = self._broker.asegurar()
        except BrokerNoDisponible:
            return False
        pasar("publicador", "publicado")
        if rechazos or detenidos:
            self._anotar(rafagas, {*detenidos, *(rechazo.tema for rechazo in rechazos)})
        else:
            self.devolver([rafaga_id for rafaga_id, _ in rafagas])
        return True

    def _anotar(self, rafagas: Sequence[Entregada], detenidos: Collection[str]) -> None:
        """Record the bursts that are stored whole or in part, and the last burst of each stopped topic."""
        with self._cerrojo:
            for rafaga_id, envios in rafagas:
                quedan = {envio.tema for envio in envios if envio.tema in detenidos}
                if not quedan:
                    self._confirmados.append(rafaga_id)
                    continue
                self._ultimas |= dict.fromkeys(quedan, rafaga_id)
                if fuera := [envio for envio in envios if envio.tema not in quedan]:
                    self._partes[rafaga_id] = fuera


def _sin(detenidos: Collection[str], rafagas: Sequence[Entregada]) -> Iterable[Envio]:
    todos = chain.from_iterable(envios for _, envios in rafagas)
    return (envio for envio in todos if envio.tema not in detenidos) if detenidos else todos

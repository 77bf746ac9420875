"""The publisher: one thread of the process that sends the bursts of committed transactions."""

import queue
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from uuid import UUID

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Broker, BrokerNoDisponible
from aeropartners.seedwork.aplicacion.puntos import pasar

Entregada = tuple[UUID, Sequence[Envio]]


class Publicador:
    """Takes bursts from the loops and reports which of them the broker has stored.

    Safe from any thread. When the queue is full a burst is left in the outbox, where the relay
    finds it; so it is when the broker does not answer. Nothing is lost and no loop ever waits.
    A topic that does not take its messages is left to the relay, and so is all that comes for it from
    then on, until the relay has sent the last of it (`soltar`): nothing overtakes what waits.
    """

    def __init__(self, broker: Broker, capacidad: int = 200) -> None:
        self._broker = broker
        self._cola: queue.Queue[Entregada] = queue.Queue(capacidad)
        self._confirmados: list[UUID] = []
        self._partes: dict[UUID, Sequence[Envio]] = {}
        self._ultimas: dict[str, UUID | None] = {}
        self._cerrojo = threading.Lock()

    def entregar(self, rafaga_id: UUID, envios: Sequence[Envio]) -> bool:
        """Queue a burst; False when it stays for the relay."""
        try:
            self._cola.put_nowait((rafaga_id, envios))
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

    def tomar_partes(self) -> dict[UUID, Sequence[Envio]]:
        """Take what is stored of bursts that are not stored whole; the relay takes it out of their rows."""
        with self._cerrojo:
            tomadas, self._partes = self._partes, {}
        return tomadas

    def devolver_partes(self, partes: Mapping[UUID, Sequence[Envio]]) -> None:
        """Give back what could not be taken out."""
        with self._cerrojo:
            self._partes |= partes

    @property
    def detenidos(self) -> dict[str, UUID | None]:
        """The topics that are left to the relay, and the last burst of each that was."""
        with self._cerrojo:
            return dict(self._ultimas)

    def detener(self, temas: Iterable[str]) -> None:
        """Leave these topics to the relay, which has older messages of theirs, whoever's."""
        with self._cerrojo:
            self._ultimas = dict.fromkeys(temas) | self._ultimas

    def soltar(self, tema: str, ultima: UUID | None) -> None:
        """Send to this topic again: the relay has sent `ultima`, and nothing has come for it since."""
        with self._cerrojo:
            if tema in self._ultimas and self._ultimas[tema] == ultima:
                del self._ultimas[tema]

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
        # Read once: one that is let go meanwhile was not sent to by this round.
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
        """Sort out what is stored whole, in part, and not at all."""
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

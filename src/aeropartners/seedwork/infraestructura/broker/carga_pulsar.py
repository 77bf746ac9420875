"""The messages of a burst by topic, and the wait for the broker's answers to them."""

import time
from collections.abc import Collection
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Rechazo
from aeropartners.seedwork.infraestructura.broker.cliente_pulsar import OK

# Up to this many missing answers are awaited one by one; with more, each would wake the thread, so their
# number is polled.
POCAS = 16
UNA_S = 0.05
PAUSA_S = 0.001
# How long to wait without any new answer: after some topics have answered in full, and after none has.
ESPERA_S, ESPERA_DE_TODOS_S = 1.0, 3.0


class Carga:
    """The messages sent to one topic and their answers; `causa`: why not all of them were sent."""

    __slots__ = ("_tomadas", "causa", "enviados", "envios", "imposibles", "respuestas")

    def __init__(self) -> None:
        self.envios: list[Envio] = []
        self.imposibles: list[Rechazo] = []
        self.causa = ""
        self.enviados = 0
        self.respuestas: SimpleQueue[Any] = SimpleQueue()
        self._tomadas: list[Any] = []

    @property
    def llegadas(self) -> int:
        """The number of answers that have come."""
        return len(self._tomadas) + self.respuestas.qsize()

    @property
    def completa(self) -> bool:
        """Whether all messages sent are answered."""
        return self.llegadas >= self.enviados

    def esperar_una(self) -> None:
        """Wait up to UNA_S seconds for one more answer."""
        with suppress(Empty):
            self._tomadas.append(self.respuestas.get(timeout=UNA_S))

    def fallos(self) -> set[str]:
        """Take the answers; return the names of the errors among them, and `causa`."""
        pendientes = self.enviados - len(self._tomadas)
        respuestas = {*self._tomadas, *(self.respuestas.get_nowait() for _ in range(pendientes))} - {OK}
        self.enviados, self._tomadas = 0, []
        return {r.name for r in respuestas} | ({self.causa} if self.causa else set())


def esperar(cargas: Collection[Carga]) -> None:
    """Wait until all is answered, or until no more answers come, so that a slow topic delays no other."""
    quedan, llegadas, avance = [c for c in cargas if not c.completa], 0, time.monotonic()
    todas = sum(c.enviados for c in cargas)
    while quedan:
        if todas - llegadas > POCAS:
            time.sleep(PAUSA_S)
        else:
            quedan[0].esperar_una()
        ahora, suma = time.monotonic(), sum(c.llegadas for c in cargas)
        if suma != llegadas:
            llegadas, avance = suma, ahora
            quedan = [c for c in quedan if not c.completa]
        elif ahora - avance > (ESPERA_S if len(quedan) < len(cargas) else ESPERA_DE_TODOS_S):
            return

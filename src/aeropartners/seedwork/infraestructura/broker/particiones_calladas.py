"""Finds partitions of a subscription that deliver nothing for long, so that the broker reads them again."""

ESPERA_S = 3.0
# The longest pause between two requests to the broker: while no partition delivers, and while some do.
CALLADA_S, OCUPADA_S = 15.0, 60.0


class Silencios:
    """Tells when to ask the broker to deliver unacknowledged messages again. Used by one thread.

    When the consumers of a Failover subscription change twice within `activeConsumerFailoverDelayTimeMillis`,
    the broker may leave a partition unread: connected, with a backlog, and without deliveries for ever (seen
    on Pulsar 4.0.8; apache/pulsar 26164 is similar). The request makes the broker read the partition again.
    For a standby consumer, or an empty partition, the request does nothing: so the pauses grow.
    """

    def __init__(self, particiones: int, ahora: float) -> None:
        self._particiones = particiones
        self._espera = ESPERA_S
        self._desde = ahora
        self._oidas: dict[str, float] = {}

    def oida(self, particion: str, ahora: float) -> None:
        """Record that a partition delivered a message; after a long silence the next pause is short again."""
        if ahora - self._oidas.get(particion, float("-inf")) > self._espera:
            self._espera = ESPERA_S
        self._oidas[particion] = ahora

    def toca(self, ahora: float) -> bool:
        """Whether some partition was silent for the whole pause. If so, the next pause begins."""
        if ahora - self._desde < self._espera:
            return False
        hablan = sum(oida >= self._desde for oida in self._oidas.values())
        self._desde = ahora
        if hablan >= self._particiones:
            self._espera = ESPERA_S
            return False
        self._espera = min(self._espera * 2, OCUPADA_S if hablan else CALLADA_S)
        return True

"""Which partitions of a subscription have handed over nothing for long: the broker is to read them again."""

ESPERA_S = 3.0
# Between two askings: of a subscription that hears nothing at all, and of one that is at work.
CALLADA_S, OCUPADA_S = 15.0, 60.0


class Silencios:
    """Says when to ask the broker again for what is not acknowledged; one thread's.

    Of a Failover subscription whose consumers change twice within `activeConsumerFailoverDelayTimeMillis`
    the broker may leave a partition that nobody reads: connected, with a backlog, and silent for ever
    (seen on Pulsar 4.0.8; apache/pulsar 26164 is its like). Asking has the partition read again. A consumer
    that only stands by, or for which nothing waits, is asked about in vain: so less and less often.
    """

    def __init__(self, particiones: int, ahora: float) -> None:
        self._particiones = particiones
        self._espera = ESPERA_S
        self._desde = ahora
        self._oidas: dict[str, float] = {}

    def oida(self, particion: str, ahora: float) -> None:
        """Note that a partition handed over a message; after a silence the next one is short again."""
        if ahora - self._oidas.get(particion, float("-inf")) > self._espera:
            self._espera = ESPERA_S
        self._oidas[particion] = ahora

    def toca(self, ahora: float) -> bool:
        """Whether some partition has been silent for the whole wait; then the next wait begins."""
        if ahora - self._desde < self._espera:
            return False
        hablan = sum(oida >= self._desde for oida in self._oidas.values())
        self._desde = ahora
        if hablan >= self._particiones:
            self._espera = ESPERA_S
            return False
        self._espera = min(self._espera * 2, OCUPADA_S if hablan else CALLADA_S)
        return True

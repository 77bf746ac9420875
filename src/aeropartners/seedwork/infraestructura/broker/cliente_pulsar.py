"""The clients of Pulsar, and what of the library the rest of us needs; nothing else imports it."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pulsar

from aeropartners.seedwork.infraestructura.broker.sonda_pulsar import SondaPulsar
from aeropartners.seedwork.infraestructura.broker.token_pulsar import TokenLegible

ErrorPulsar = pulsar.PulsarException
NadaQueRecibir = pulsar.Timeout
OK = pulsar.Result.Ok
PLAZO_ENVIO_MS = 10_000


@dataclass(frozen=True, slots=True)
class AccesoPulsar:
    """What a client shows the broker, and by whose word it believes that it is the broker.

    `token` gives the token of the moment: it is asked each time that a client connects.
    """

    token: Callable[[], str] | None = None
    autoridad: str = ""

    def opciones(self) -> dict[str, Any]:
        """Return the options of a client. The name in the broker's certificate counts, always."""
        dichas: dict[str, Any] = {"tls_validate_hostname": True}
        if self.token and self.token():
            dichas["authentication"] = pulsar.AuthenticationToken(TokenLegible(self.token))
        if self.autoridad:
            dichas["tls_trust_certs_file_path"] = self.autoridad
        return dichas


class Clientes:
    """The one client of an object: made when somebody answers, kept while it works, closed before the next.

    After an outage a fresh one is back at once, where an old one waits for up to 60 s.
    """

    def __init__(self, url: str, acceso: AccesoPulsar) -> None:
        self._url = url
        self._acceso = acceso
        self._sonda = SondaPulsar(url, acceso.autoridad)
        self._cliente: Any = None

    def exigir(self) -> None:
        """Raise BrokerNoDisponible when nobody answers."""
        self._sonda.exigir()

    def cliente(self) -> Any:
        """Return it; raises BrokerNoDisponible."""
        if self._cliente is None:
            self.exigir()
            self._cliente = self.abrir()
        return self._cliente

    def abrir(self) -> Any:
        """Make one. Its own log is no JSON, and says nothing that its errors do not."""
        return pulsar.Client(
            self._url,
            operation_timeout_seconds=5,
            connection_timeout_ms=3_000,
            logger=pulsar.FileLogger(pulsar.LoggerLevel.Error, "/dev/null"),
            **self._acceso.opciones(),
        )

    def soltar(self) -> None:
        """Close it; one whose broker is gone cannot say goodbye, and is shut down without."""
        cliente, self._cliente = self._cliente, None
        if cliente is not None:
            for dejar in (cliente.close, cliente.shutdown):
                with suppress(ErrorPulsar):
                    dejar()


def crear_productor(cliente: Any, destino: str, *, en_tandas: bool) -> Any:
    """Open a producer; what comes in packets is in batches already, and leaves at once."""
    return cliente.create_producer(
        destino,
        send_timeout_millis=PLAZO_ENVIO_MS,
        batching_enabled=en_tandas,
        batching_max_publish_delay_ms=1,
        max_pending_messages=20_000,
        block_if_queue_full=True,
    )


def crear_consumidor(cliente: Any, temas: Sequence[str], nombre: str, cola: int) -> Any:
    """Open a consumer that holds up to `cola` messages of each partition in memory."""
    return cliente.subscribe(
        list(temas) if len(temas) > 1 else temas[0],
        nombre,
        consumer_type=pulsar.ConsumerType.Failover,
        initial_position=pulsar.InitialPosition.Earliest,
        receiver_queue_size=cola,
        batch_index_ack_enabled=True,
    )

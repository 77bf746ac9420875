"""The clients of Pulsar, and the names of the library that the broker needs; no other file imports it."""

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
    """The token that a client shows the broker, and the authority that signs the broker's certificate.

    `token` returns the present token; it is called each time that a client connects.
    """

    token: Callable[[], str] | None = None
    autoridad: str = ""

    def opciones(self) -> dict[str, Any]:
        """Return the options of a client. The host name in the broker's certificate is always checked."""
        dichas: dict[str, Any] = {"tls_validate_hostname": True}
        if self.token and self.token():
            dichas["authentication"] = pulsar.AuthenticationToken(TokenLegible(self.token))
        if self.autoridad:
            dichas["tls_trust_certs_file_path"] = self.autoridad
        return dichas


class Clientes:
    """The one client of an object: made when the broker answers, kept while it works, then replaced.

    After an outage a new client connects at once, while an old one may wait for up to 60 s.
    """

    def __init__(self, url: str, acceso: AccesoPulsar) -> None:
        self._url = url
        self._acceso = acceso
        self._sonda = SondaPulsar(url, acceso.autoridad)
        self._cliente: Any = None

    def exigir(self) -> None:
        """Raise BrokerNoDisponible when the broker does not answer."""
        self._sonda.exigir()

    def cliente(self) -> Any:
        """Return the client, making it if there is none; raises BrokerNoDisponible."""
        if self._cliente is None:
            self.exigir()
            self._cliente = self.abrir()
        return self._cliente

    def abrir(self) -> Any:
        """Make a client. The library's log is off: it is no JSON, and repeats what its errors say."""
        return pulsar.Client(
            self._url,
            operation_timeout_seconds=5,
            connection_timeout_ms=3_000,
            logger=pulsar.FileLogger(pulsar.LoggerLevel.Error, "/dev/null"),
            **self._acceso.opciones(),
        )

    def soltar(self) -> None:
        """Close the client.

        If the broker is away `close` fails, and `shutdown` ends the client without it.
        """
        cliente, self._cliente = self._cliente, None
        if cliente is not None:
            for dejar in (cliente.close, cliente.shutdown):
                with suppress(ErrorPulsar):
                    dejar()


def crear_productor(cliente: Any, destino: str, *, en_tandas: bool) -> Any:
    """Open a producer.

    `en_tandas`: the library groups messages; packets need no grouping and leave at once.
    """
    return cliente.create_producer(
        destino,
        send_timeout_millis=PLAZO_ENVIO_MS,
        batching_enabled=en_tandas,
        batching_max_publish_delay_ms=1,
        max_pending_messages=20_000,
        block_if_queue_full=True,
    )


def crear_consumidor(cliente: Any, temas: Sequence[str], nombre: str, cola: int) -> Any:
    """Open a Failover consumer that holds up to `cola` messages of each partition in memory."""
    return cliente.subscribe(
        list(temas) if len(temas) > 1 else temas[0],
        nombre,
        consumer_type=pulsar.ConsumerType.Failover,
        initial_position=pulsar.InitialPosition.Earliest,
        receiver_queue_size=cola,
        batch_index_ack_enabled=True,
    )

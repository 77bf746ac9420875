"""The Pulsar library, as far as we use it: a client whose producers and consumers do what a test says."""

from collections.abc import Callable, Mapping
from typing import Any

import pulsar

NADIE: Mapping[str, Any] = {}


class Mensaje:
    """One message as a consumer hands it over; properties that cannot be read are a function that raises."""

    def __init__(
        self, cuerpo: bytes = b"{}", propiedades: Callable[[], dict[str, str]] = dict, tema: str = "t"
    ) -> None:
        self.data = lambda: cuerpo
        self.properties = propiedades
        self.topic_name = lambda: tema
        self.message_id = lambda: "(1,2,0,0)"


class Productor:
    """Answers each message as the test says, or not at all: then it is one of `callados`."""

    def __init__(self, contestar: Callable[[bytes], Any], mandado: Callable[[], None]) -> None:
        self._contestar = contestar
        self._mandado = mandado
        self.enviados: list[bytes] = []
        self.callados: list[Callable[[Any, Any], None]] = []
        self.cerrado = False

    def send_async(self, cuerpo: bytes, hecho: Any, **_opciones: Any) -> None:
        self._mandado()
        self.enviados.append(cuerpo)
        respuesta = self._contestar(cuerpo)
        if respuesta is None:
            self.callados.append(hecho)
        else:
            hecho(respuesta, None)

    def close(self) -> None:
        self.cerrado = True


class Consumidor:
    """Hands over `mensajes`; `olvidados` come each time that it is asked for what was not acknowledged.

    `esperas` is how long it was to wait for each, `pedidos` how often it was asked again.
    """

    def __init__(self, *mensajes: Mensaje, olvidados: tuple[Mensaje, ...] = ()) -> None:
        self.mensajes = list(mensajes)
        self.esperas: list[int] = []
        self.pedidos = 0
        self._olvidados = olvidados

    def receive(self, espera_ms: int) -> Mensaje:
        self.esperas.append(espera_ms)
        if not self.mensajes:
            raise pulsar.Timeout(pulsar.Result.Timeout)
        return self.mensajes.pop(0)

    def redeliver_unacknowledged_messages(self) -> None:
        self.pedidos += 1
        self.mensajes += self._olvidados

    def acknowledge(self, _mensaje: Mensaje) -> None:
        return

    def is_connected(self) -> bool:
        return True

    def close(self) -> None:
        return


class Cliente:
    """Opens producers and consumers on any topic but those of `negados`, and says why not.

    `contestar` is what the producer of a topic answers; others take all. `mandados` are the topics that
    were sent to, in order, and whether that waits for company; `oidos` is what is subscribed to, `colas` how
    much each consumer may hold beforehand.
    """

    def __init__(
        self,
        contestar: Mapping[str, Callable[[bytes], Any]] = NADIE,
        negados: Mapping[str, Exception] = NADIE,
        consumidor: Consumidor | None = None,
    ) -> None:
        self.contestar = contestar
        self.negados = dict(negados)
        self.consumidor = consumidor or Consumidor()
        self.productores: dict[str, Productor] = {}
        self.mandados: list[tuple[str, bool]] = []
        self.oidos: list[str] = []
        self.colas: list[int] = []

    def create_producer(self, destino: str, *, batching_enabled: bool, **_opciones: Any) -> Productor:
        tema = destino.removeprefix("p/").split("-partition-")[0]
        if tema in self.negados:
            raise self.negados[tema]
        self.productores[tema] = Productor(
            self.contestar.get(tema, lambda _cuerpo: pulsar.Result.Ok),
            lambda: self.mandados.append((destino, batching_enabled)),
        )
        return self.productores[tema]

    def subscribe(
        self, temas: str | list[str], _nombre: str, *, receiver_queue_size: int, **_opciones: Any
    ) -> Consumidor:
        pedidos = [temas] if isinstance(temas, str) else temas
        for tema in pedidos:
            if tema in self.negados:
                raise self.negados[tema]
        if receiver_queue_size > 1:  # else it only asks whether it may
            self.oidos = pedidos
            self.colas.append(receiver_queue_size)
        return self.consumidor

    def get_topic_partitions(self, tema: str) -> list[str]:
        return [tema]

    def close(self) -> None:
        return

    shutdown = close

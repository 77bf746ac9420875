"""What a saga waits for waits neither behind public events nor for company that does not come."""

from collections.abc import Mapping
from typing import Any

import pulsar
import pytest

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.serializacion import empaquetar
from aeropartners.seedwork.infraestructura.broker.broker_pulsar import BrokerPulsar
from aeropartners.seedwork.infraestructura.broker.paquetes import PAQUETE
from aeropartners.seedwork.infraestructura.broker.suscripcion_pulsar import SuscripcionPulsar

PUBLICO = Envio("eventos-campanas", "c", b"{}", {"tipo": "CampanaCreada"})
INTERNO = Envio("comandos-pagos", "c", b"{}", None)


class Productor:
    """Takes all, and says in what order it was given it, and whether that waits for company."""

    def __init__(self, tema: str, mandados: list[tuple[str, bool]], en_tandas: bool) -> None:
        self._mandado = (tema, en_tandas)
        self._mandados = mandados

    def send_async(self, _cuerpo: bytes, hecho: Any, **_opciones: Any) -> None:
        self._mandados.append(self._mandado)
        hecho(pulsar.Result.Ok, None)


class Mensaje:
    """One Pulsar message."""

    def __init__(self, cuerpo: bytes, propiedades: Mapping[str, str]) -> None:
        self._cuerpo = cuerpo
        self._propiedades = dict(propiedades)

    def topic_name(self) -> str:
        return "comandos-pagos-partition-0"

    def properties(self) -> dict[str, str]:
        return self._propiedades

    def data(self) -> bytes:
        return self._cuerpo

    def message_id(self) -> str:
        return "(1,2,0,0)"


class Consumidor:
    """Gives what is there, and notes how long it was asked to wait for each."""

    def __init__(self, *mensajes: Mensaje) -> None:
        self._mensajes = list(mensajes)
        self.esperas: list[int] = []

    def receive(self, espera_ms: int) -> Mensaje:
        self.esperas.append(espera_ms)
        if not self._mensajes:
            raise pulsar.Timeout(pulsar.Result.Timeout)
        return self._mensajes.pop(0)


class Cliente:
    """A client of Pulsar, as far as it is used here."""

    def __init__(self, consumidor: Consumidor | None = None) -> None:
        self._consumidor = consumidor
        self.mandados: list[tuple[str, bool]] = []

    def create_producer(self, tema: str, *, batching_enabled: bool, **_opciones: Any) -> Productor:
        return Productor(tema, self.mandados, batching_enabled)

    def get_topic_partitions(self, tema: str) -> list[str]:
        return [tema]

    def subscribe(self, *_lugar: Any, **_opciones: Any) -> Any:
        return self._consumidor


def test_los_mensajes_propios_se_mandan_primero(monkeypatch: pytest.MonkeyPatch) -> None:
    """And at once: packets are batches already; public ones wait a millisecond for company."""
    cliente, broker = Cliente(), BrokerPulsar("pulsar://nadie", "p/", 1)
    monkeypatch.setattr(broker._clientes, "cliente", lambda: cliente)
    broker.enviar([PUBLICO, INTERNO])
    assert broker.asegurar() == []
    assert cliente.mandados == [("p/comandos-pagos-partition-0", False), ("p/eventos-campanas", True)]


class Clientes:
    """Has one client."""

    def __init__(self, cliente: Cliente) -> None:
        self._cliente = cliente

    def cliente(self) -> Cliente:
        return self._cliente


@pytest.mark.parametrize(("sobres", "despues"), [(1, 0), (5, 0), (6, 1), (200, 1)])
def test_pocos_no_esperan_a_nadie(sobres: int, despues: int) -> None:
    """A lone message goes at once; many wait a millisecond for more, since statements are what costs."""
    consumidor = Consumidor(Mensaje(empaquetar([b"{}"] * sobres), {PAQUETE: "1"}))
    clientes: Any = Clientes(Cliente(consumidor))
    suscripcion = SuscripcionPulsar(clientes, "", ["comandos-pagos"], "pagos", 10)
    assert len(suscripcion.recibir(1_000, 0.5)) == sobres
    assert consumidor.esperas == [500, despues]

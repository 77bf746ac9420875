"""What a saga waits for waits neither behind public events nor for company that does not come."""

from types import SimpleNamespace
from typing import Any

import pytest

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.serializacion import empaquetar
from aeropartners.seedwork.infraestructura.broker.broker_pulsar import BrokerPulsar
from aeropartners.seedwork.infraestructura.broker.paquetes import PAQUETE
from aeropartners.seedwork.infraestructura.broker.suscripcion_pulsar import SuscripcionPulsar
from tests.dobles.cliente_pulsar import Cliente, Consumidor, Mensaje

PUBLICO = Envio("eventos-campanas", "c", b"{}", {"tipo": "CampanaCreada"})
INTERNO = Envio("comandos-pagos", "c", b"{}", None)


def test_los_mensajes_propios_se_mandan_primero(monkeypatch: pytest.MonkeyPatch) -> None:
    """And at once: packets are batches already; public ones wait a millisecond for company."""
    cliente, broker = Cliente(), BrokerPulsar("pulsar://nadie", "p/", 1)
    monkeypatch.setattr(broker._clientes, "cliente", lambda: cliente)
    broker.enviar([PUBLICO, INTERNO])
    assert broker.asegurar() == []
    assert cliente.mandados == [("p/comandos-pagos-partition-0", False), ("p/eventos-campanas", True)]


@pytest.mark.parametrize(("sobres", "despues"), [(1, 0), (5, 0), (6, 1), (200, 1)])
def test_pocos_no_esperan_a_nadie(sobres: int, despues: int) -> None:
    """A lone message goes at once; many wait a millisecond for more, since statements are what costs."""
    consumidor = Consumidor(Mensaje(empaquetar([b"{}"] * sobres), lambda: {PAQUETE: "1"}))
    clientes: Any = SimpleNamespace(cliente=lambda: Cliente(consumidor=consumidor))
    suscripcion = SuscripcionPulsar(clientes, "", ["comandos-pagos"], "pagos", 10)
    assert len(suscripcion.recibir(1_000, 0.5)) == sobres
    assert consumidor.esperas == [500, despues]

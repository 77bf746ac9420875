"""What a saga waits for leaves before public events, and waits for no company."""

import pytest

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.infraestructura.broker.broker_pulsar import BrokerPulsar
from tests.dobles.cliente_pulsar import Cliente

PUBLICO = Envio("eventos-campanas", "c", b"{}", {"tipo": "CampanaCreada"})
INTERNO = Envio("comandos-pagos", "c", b"{}", None)


def test_los_mensajes_propios_se_mandan_primero(monkeypatch: pytest.MonkeyPatch) -> None:
    """And at once: packets are batches already; public ones wait a millisecond for company."""
    cliente, broker = Cliente(), BrokerPulsar("pulsar://nadie", "p/", 1)
    monkeypatch.setattr(broker._clientes, "cliente", lambda: cliente)
    broker.enviar([PUBLICO, INTERNO])
    assert broker.asegurar() == []
    assert cliente.mandados == [("p/comandos-pagos-partition-0", False), ("p/eventos-campanas", True)]

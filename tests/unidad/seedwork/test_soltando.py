"""A loop that ends by an exception leaves its subscription to its successor."""

from pathlib import Path

import msgspec
import pytest

from aeropartners.seedwork.aplicacion.bucles.consumidor import soltando
from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.infraestructura.broker.broker_embebido import BrokerEmbebido, Tienda


def test_el_sucesor_recibe(tmp_path: Path) -> None:
    """What the failed loop had received and not confirmed comes to the next one of the same process."""
    tienda = Tienda(tmp_path / "broker.db")
    tienda.preparar({"t": ["s"]})
    broker = BrokerEmbebido(tienda)
    broker.enviar([Envio("t", "c", msgspec.Raw(b"{}"))])
    broker.asegurar()
    primera = broker.suscribir(["t"], "s")
    assert len(primera.recibir(10, 0)) == 1
    with pytest.raises(ZeroDivisionError), soltando(primera):
        1 / 0  # noqa: B018
    assert len(broker.suscribir(["t"], "s").recibir(10, 0)) == 1
    tienda.cerrar()

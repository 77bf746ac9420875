"""Who waits on the embedded broker is woken by what it reads, and by nothing else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.infraestructura.broker.broker_embebido import (
    BrokerEmbebido,
    SuscripcionEmbebida,
    Tienda,
)
from tests.esperas import hasta

# Whoever is not woken up looks again by itself only after so long.
ESPERA_S = 30


@pytest.fixture
def tienda(tmp_path: Path) -> Iterator[Tienda]:
    tienda = Tienda(tmp_path / "broker.db")
    tienda.preparar({"a": ["s", "r"], "b": ["s"]})
    yield tienda
    tienda.cerrar()


def _enviar(tienda: Tienda, tema: str) -> None:
    broker = BrokerEmbebido(tienda)
    broker.enviar([Envio(tema, "c", msgspec.Raw(b"{}"))])
    broker.asegurar()


def _avisados(monkeypatch: pytest.MonkeyPatch, **suscripciones: SuscripcionEmbebida) -> list[str]:
    avisados: list[str] = []
    for nombre, suscripcion in suscripciones.items():
        monkeypatch.setattr(suscripcion.novedad, "notify", lambda nombre=nombre: avisados.append(nombre))
    return avisados


def test_se_avisa_a_quien_se_sirve(tienda: Tienda, monkeypatch: pytest.MonkeyPatch) -> None:
    """One consumer of each subscription of the topic; the one that stands by only when its turn comes."""
    broker = BrokerEmbebido(tienda)
    primera, segunda = broker.suscribir(["a"], "s"), broker.suscribir(["a"], "s")
    avisados = _avisados(
        monkeypatch,
        primera=primera,
        segunda=segunda,
        otra=broker.suscribir(["a"], "r"),
        ajena=broker.suscribir(["b"], "s"),
    )
    _enviar(tienda, "a")
    assert sorted(avisados) == ["otra", "primera"]
    avisados.clear()
    primera.cerrar()
    assert "segunda" in avisados
    assert "ajena" not in avisados


def test_quien_espera_recibe_en_cuanto_llega(tienda: Tienda) -> None:
    """It does not sleep through a message, nor through the end of the one that was served before it."""
    broker = BrokerEmbebido(tienda)
    primera, segunda = broker.suscribir(["a"], "s"), broker.suscribir(["a"], "s")
    with ThreadPoolExecutor(2) as hilos:
        for suscripcion, llegar in ((primera, lambda: _enviar(tienda, "a")), (segunda, primera.cerrar)):
            espera = hilos.submit(suscripcion.recibir, 10, ESPERA_S)
            hasta(lambda s=suscripcion: len(s.novedad._waiters), "espera")
            llegar()
            assert len(espera.result(ESPERA_S / 2)) == 1


def test_una_suscripcion_que_no_existe_no_deja_rastro(tienda: Tienda) -> None:
    """Of its topics none is held by it: the next one is served from those that exist."""
    broker = BrokerEmbebido(tienda)
    with pytest.raises(KeyError):
        broker.suscribir(["a", "b"], "r")
    _enviar(tienda, "a")
    assert len(broker.suscribir(["a"], "r").recibir(10, 0)) == 1

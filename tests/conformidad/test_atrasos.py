"""How far the readers of a broker are, told from outside, over both."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec
import pytest

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import Suscripcion
from aeropartners.seedwork.infraestructura.base.relojes import RelojReal
from aeropartners.seedwork.infraestructura.broker.atrasos_embebidos import AtrasosEmbebidos
from aeropartners.seedwork.infraestructura.broker.atrasos_pulsar import AtrasosPulsar
from tests.conformidad.conftest import INTERNO, PUBLICO, REALES, SUSCRIPCIONES, Brokers
from tests.esperas import hasta
from tests.servicios import variable

PROPIEDADES = {"event_type": "x"}
# Nobody audits a simulated broker.
DE_VERDAD = pytest.mark.parametrize(
    "nuevo_broker", ["embebidos", pytest.param("pulsar", marks=REALES)], indirect=True
)


class Atrasos(Protocol):
    def despejado(self) -> datetime | None: ...


@pytest.fixture
def atrasos(request: pytest.FixtureRequest, nuevo_broker: Brokers, tmp_path: Path) -> Iterator[Atrasos]:
    """What is told of the broker of this test."""
    if "embebidos" in request.node.name:
        yield AtrasosEmbebidos(tmp_path / "broker.db", RelojReal())
        return
    espacio = nuevo_broker()._prefijo.split("/")[-2]  # type: ignore[attr-defined]
    lectores = {tema: SUSCRIPCIONES for tema in (INTERNO, PUBLICO)}
    de_pulsar = AtrasosPulsar(variable("PULSAR_ADMIN_URL"), "public", espacio, lectores, RelojReal())
    yield de_pulsar
    de_pulsar.cerrar()


def leer(suscripcion: Suscripcion, cuantos: int) -> None:
    """Receive and confirm so many."""
    while cuantos > 0:
        lote = suscripcion.recibir(cuantos, 1.0)
        suscripcion.confirmar(lote)
        cuantos -= len(lote)


@DE_VERDAD
def test_lo_que_no_se_ha_leido_no_esta_despejado(nuevo_broker: Brokers, atrasos: Atrasos) -> None:
    """The moment stands before the oldest unread message of any subscription, and moves when it is read."""
    broker = nuevo_broker()
    lectores = [broker.suscribir([tema], nombre) for tema in (INTERNO, PUBLICO) for nombre in SUSCRIPCIONES]
    despejado(atrasos, datetime.now(UTC))
    antes = datetime.now(UTC)
    cuerpo = msgspec.Raw(b"{}")
    claves = [str(uuid.uuid4()) for _ in range(10)]
    broker.enviar(
        [Envio(INTERNO, c, cuerpo) for c in claves] + [Envio(PUBLICO, c, cuerpo, PROPIEDADES) for c in claves]
    )
    broker.asegurar()
    despues = datetime.now(UTC)
    for lector in lectores:
        visto = atrasos.despejado()
        assert visto is not None
        assert visto <= despues
        leer(lector, len(claves))
    despejado(atrasos, despues)
    assert antes < despues
    for lector in lectores:
        lector.cerrar()


def despejado(atrasos: Atrasos, momento: datetime) -> None:
    """Wait until all that was stored before a moment has been read; confirming takes a while to be seen."""
    hasta(lambda: (atrasos.despejado() or momento) > momento, f"todo leído hasta {momento}")

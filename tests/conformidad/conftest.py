"""Each port's suite runs over every adapter: all brokers, both databases."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aeropartners.seedwork.aplicacion.puertos import Broker
from aeropartners.seedwork.infraestructura import migraciones
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import AdministracionPulsar, Tema
from aeropartners.seedwork.infraestructura.broker.broker_embebido import BrokerEmbebido, Tienda
from aeropartners.seedwork.infraestructura.broker.broker_pulsar import BrokerPulsar
from aeropartners.simulacion.broker_simulado import BrokerSimulado, TemasSimulados
from aeropartners.simulacion.tiempo import RelojVirtual
from tests.conformidad.modulo_de_cuentas import ModuloDeCuentas
from tests.servicios import base_propia, postgres_propio, reservados, variable

REALES = pytest.mark.servicios
INTERNO, PUBLICO = "interno", "publico"
SUSCRIPCIONES = ("una", "otra")
PARTICIONES = 4
Brokers = Callable[[], Broker]


@pytest.fixture
def brokers_pulsar() -> Iterator[Brokers]:
    """Make brokers over a namespace of their own, with an internal and a public topic."""
    espacio = f"conf_{uuid.uuid4().hex[:12]}"
    url, prefijo = variable("PULSAR_URL"), f"persistent://public/{espacio}/"
    abiertos: list[Broker] = []

    def nuevo() -> Broker:
        abiertos.append(BrokerPulsar(url, prefijo, PARTICIONES))
        return abiertos[-1]

    with reservados(solo=False):
        administracion = AdministracionPulsar(variable("PULSAR_ADMIN_URL"), "public", espacio)
        administracion.crear({INTERNO: Tema(PARTICIONES, SUSCRIPCIONES), PUBLICO: Tema(3, SUSCRIPCIONES)})
        administracion.cerrar()
        yield nuevo
        for broker in abiertos:
            broker.cerrar()


@pytest.fixture
def brokers_embebidos(tmp_path: Path) -> Iterator[Brokers]:
    """Make brokers over one file, with the same topics."""
    tienda = Tienda(tmp_path / "broker.db")
    tienda.preparar({tema: SUSCRIPCIONES for tema in (INTERNO, PUBLICO)})
    yield lambda: BrokerEmbebido(tienda)
    tienda.cerrar()


@pytest.fixture
def brokers_simulados() -> Brokers:
    """Make brokers over one simulated one to which nothing happens, with the same topics."""
    correo = TemasSimulados(RelojVirtual(), PARTICIONES)
    correo.preparar({tema: SUSCRIPCIONES for tema in (INTERNO, PUBLICO)})
    return lambda: BrokerSimulado(correo)


@pytest.fixture(params=["embebidos", "simulados", pytest.param("pulsar", marks=REALES)])
def nuevo_broker(request: pytest.FixtureRequest) -> Brokers:
    """Each test of the port runs over all of them."""
    brokers: Brokers = request.getfixturevalue(f"brokers_{request.param}")
    return brokers


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of this worker's: a transaction of anybody's holds back who reads in commit order."""
    with postgres_propio(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=REALES)])
def motor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Motor]:
    """A migrated database of its own."""
    if request.param == "sqlite":
        motor = Motor(f"sqlite:///{tmp_path / 'base.db'}")
        migraciones.aplicar(motor)
        yield motor
        motor.cerrar()
        return
    with base_propia("conf", origen=request.getfixturevalue("postgres")) as url:
        motor = Motor(url)
        migraciones.aplicar(motor)
        yield motor
        motor.cerrar()


@pytest.fixture
def cuentas(motor: Motor) -> ModuloDeCuentas:
    """A bank on a fresh database."""
    return ModuloDeCuentas(motor)

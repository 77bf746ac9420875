"""Each port's suite runs over every adapter: all brokers, both databases."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from aeropartners.seedwork.aplicacion.puertos import Broker
from aeropartners.seedwork.infraestructura import migraciones
from aeropartners.seedwork.infraestructura.administracion_pulsar import AdministracionPulsar, Tema
from aeropartners.seedwork.infraestructura.broker_embebido import BrokerEmbebido, Tienda
from aeropartners.seedwork.infraestructura.broker_pulsar import BrokerPulsar
from aeropartners.seedwork.infraestructura.motor import Motor
from simulacion.correo import BrokerSimulado, Correo
from simulacion.tiempo import RelojVirtual
from tests.conformidad.banco import Banco

REALES = pytest.mark.servicios
INTERNO, PUBLICO = "interno", "publico"
SUSCRIPCIONES = ("una", "otra")
PARTICIONES = 4
Brokers = Callable[[], Broker]


def variable(nombre: str) -> str:
    """Return a variable of the real services; in `make test` a missing one is a failure, never a skip."""
    if nombre not in os.environ and os.environ.get("SERVICIOS_REALES") != "1":
        pytest.skip("sin servicios reales: use `make test`")
    return os.environ[nombre]


@pytest.fixture
def brokers_pulsar() -> Iterator[Brokers]:
    """Make brokers over a namespace of their own, with an internal and a public topic."""
    espacio = f"conf_{uuid.uuid4().hex[:12]}"
    administracion = AdministracionPulsar(variable("PULSAR_ADMIN_URL"), "public", espacio)
    administracion.crear({INTERNO: Tema(PARTICIONES, SUSCRIPCIONES), PUBLICO: Tema(3, SUSCRIPCIONES)})
    administracion.cerrar()
    prefijo = f"persistent://public/{espacio}/"
    abiertos: list[Broker] = []

    def nuevo() -> Broker:
        abiertos.append(BrokerPulsar(variable("PULSAR_URL"), prefijo, PARTICIONES))
        return abiertos[-1]

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
    correo = Correo(RelojVirtual(), PARTICIONES)
    correo.preparar({tema: SUSCRIPCIONES for tema in (INTERNO, PUBLICO)})
    return lambda: BrokerSimulado(correo)


@pytest.fixture(params=["embebidos", "simulados", pytest.param("pulsar", marks=REALES)])
def nuevo_broker(request: pytest.FixtureRequest) -> Brokers:
    """Each test of the port runs over all of them."""
    brokers: Brokers = request.getfixturevalue(f"brokers_{request.param}")
    return brokers


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=REALES)])
def motor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Motor]:
    """A migrated database of its own."""
    if request.param == "sqlite":
        motor = Motor(f"sqlite:///{tmp_path / 'base.db'}")
        migraciones.aplicar(motor)
        yield motor
        motor.cerrar()
        return
    origen, nombre = variable("DATABASE_URL"), f"conf_{uuid.uuid4().hex[:12]}"
    _administrar(origen, f"CREATE DATABASE {nombre}")
    motor = Motor(origen.rsplit("/", 1)[0] + f"/{nombre}")
    migraciones.aplicar(motor)
    yield motor
    motor.cerrar()
    _administrar(origen, f"DROP DATABASE {nombre} WITH (FORCE)")


def _administrar(url: str, orden: str) -> None:
    conexion = psycopg2.connect(url)
    conexion.autocommit = True
    with conexion.cursor() as cursor:
        cursor.execute(orden)
    conexion.close()


@pytest.fixture
def banco(motor: Motor) -> Banco:
    """A bank on a fresh database."""
    return Banco(motor)

"""A subscription that is refused says so, hears what it can, and asks for what was forgotten."""

import subprocess
import sys
from types import SimpleNamespace
from typing import Any, cast

import pulsar
import pytest
from structlog.testing import capture_logs

from aeropartners.seedwork.aplicacion.serializacion import empaquetar
from aeropartners.seedwork.infraestructura.broker import suscripcion_pulsar
from aeropartners.seedwork.infraestructura.broker.broker_pulsar import BrokerPulsar
from aeropartners.seedwork.infraestructura.broker.cliente_pulsar import Clientes
from aeropartners.seedwork.infraestructura.broker.paquetes import PAQUETE, en_cola
from aeropartners.seedwork.infraestructura.broker.suscripcion_pulsar import SuscripcionPulsar
from tests.dobles.cliente_pulsar import Cliente, Consumidor, Mensaje
from tests.puertos import puerto_libre

BUENO, MALO = "comandos", "eventos"
NEGADOS = {MALO: pulsar.TopicNotFound(pulsar.Result.TopicNotFound)}
# What the library says of a broker that refuses the connection, it says while it is asked.
CALLADO = """
import sys, pulsar
from aeropartners.seedwork.infraestructura.broker.cliente_pulsar import AccesoPulsar, Clientes
hecho = pulsar.Client
pulsar.Client = lambda url, **dichas: hecho(url, **{**dichas, "operation_timeout_seconds": 1})
cliente = Clientes(sys.argv[1], AccesoPulsar()).abrir()
try:
    cliente.create_producer("persistent://public/default/x")
except pulsar.PulsarException:
    print("negado")
"""


@pytest.fixture
def abiertos(monkeypatch: pytest.MonkeyPatch) -> list[Cliente]:
    """The clients that are made, while somebody answers."""
    hechos: list[Cliente] = []

    def abrir(_clientes: Clientes) -> Cliente:
        hechos.append(Cliente(negados=NEGADOS))
        return hechos[-1]

    monkeypatch.setattr(Clientes, "abrir", abrir)
    monkeypatch.setattr(Clientes, "exigir", lambda _clientes: None)
    return hechos


def suscribir(*temas: str) -> SuscripcionPulsar:
    return BrokerPulsar("pulsar://nadie", "", 4, publicos=[MALO]).suscribir(temas, "una")


def test_un_tema_que_se_niega_no_ensordece_a_los_demas(abiertos: list[Cliente]) -> None:
    """It is named with its cause at once, the others are heard, and it is heard when it comes."""
    suscripcion = suscribir(BUENO, MALO)
    [cliente] = abiertos
    sordera = suscripcion.sordera
    assert sordera
    assert (sordera.causa, sordera.sin_broker) == (f"{MALO}: TopicNotFound", False)
    suscripcion._conectar()
    assert cliente.oidos == [BUENO]
    otra = suscripcion.sordera
    assert otra
    assert otra.desde == sordera.desde
    cliente.negados.clear()
    suscripcion._conectar()
    assert suscripcion.sordera is None
    assert cliente.oidos == [BUENO, MALO]


def test_cada_sordera_se_dice_una_vez(abiertos: list[Cliente]) -> None:
    """In the log, too, with its cause; and that it is over."""
    with capture_logs() as lineas:
        suscripcion = suscribir(BUENO, MALO)
        suscripcion._conectar()
        abiertos[0].negados.clear()
        suscripcion._conectar()
        suscripcion._conectar()
    assert [(linea["event"], linea.get("causa")) for linea in lineas] == [
        ("suscripcion_sorda", f"{MALO}: TopicNotFound"),
        ("suscripcion_oye", None),
    ]


def test_lo_propio_que_no_se_oye_detiene_plazos(abiertos: list[Cliente]) -> None:
    """Of a topic of ours that refuses it replies may lie unread; of strangers' nobody waits for."""
    con_ajena = suscribir(BUENO, MALO)
    con_ajena._conectar()
    assert con_ajena.conexion == 1
    propia = suscribir(BUENO)
    assert propia.conexion == 1
    negado = pulsar.AuthorizationError(pulsar.Result.AuthorizationError)
    propia._clientes.cliente().negados[BUENO] = negado
    propia._dejar()
    propia._conectar()
    assert propia.conexion == 0
    assert propia.sordera
    assert propia.sordera.causa == f"{BUENO}: AuthorizationError"


def test_negarse_muchas_veces_es_un_cliente(abiertos: list[Cliente]) -> None:
    """Each that is opened and left keeps its threads and descriptors: a hundred refusals open one."""
    suscripcion = suscribir(MALO)
    for _ in range(100):
        suscripcion._conectar()
    assert suscripcion.sordera
    assert len(abiertos) == 1


def test_no_se_pide_mas_de_lo_que_cabe(abiertos: list[Cliente]) -> None:
    """What the library may hold beforehand is what fits in memory if all is as large as it can be."""
    suscribir(BUENO)
    assert abiertos[0].colas == [en_cola([BUENO], [MALO], 4)]


def test_unas_propiedades_que_no_son_texto(abiertos: list[Cliente]) -> None:
    """A stranger's message is handed over without them, and the next one as well."""

    def ilegibles() -> dict[str, str]:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no")

    suscripcion = suscribir(BUENO)
    for leer in (ilegibles, dict):
        abiertos[0].consumidor.mensajes.append(Mensaje(propiedades=leer, tema=BUENO))
    assert [(r.cuerpo, r.propiedades) for r in suscripcion.recibir(10, 0)] == [(b"{}", {})] * 2


def test_la_biblioteca_no_escribe_junto_al_registro() -> None:
    """Its own log is plain text: of a broker that refuses it nothing is written but what is raised."""
    orden = [sys.executable, "-c", CALLADO, f"pulsar://127.0.0.1:{puerto_libre()}"]
    hecho = subprocess.run(orden, capture_output=True, text=True, timeout=60, check=True)
    assert (hecho.stdout, hecho.stderr) == ("negado\n", "")


@pytest.mark.parametrize(("sobres", "despues"), [(1, 0), (5, 0), (6, 1), (200, 1)])
def test_pocos_no_esperan_a_nadie(sobres: int, despues: int) -> None:
    """A lone message goes at once; many wait a millisecond for more, since statements are what costs."""
    consumidor = Consumidor(Mensaje(empaquetar([b"{}"] * sobres), lambda: {PAQUETE: "1"}))
    clientes: Any = SimpleNamespace(cliente=lambda: Cliente(consumidor=consumidor))
    suscripcion = SuscripcionPulsar(clientes, "", ["comandos-pagos"], "pagos", 10)
    assert len(suscripcion.recibir(1_000, 0.5)) == sobres
    assert consumidor.esperas == [500, despues]


def test_lo_olvidado_se_pide_otra_vez(monkeypatch: pytest.MonkeyPatch) -> None:
    """A subscription that hears nothing asks for what is not acknowledged; never with work in hand."""
    reloj, consumidor = SimpleNamespace(s=0.0), Consumidor(olvidados=(Mensaje(tema="p/t-partition-0"),))
    tiempo = SimpleNamespace(monotonic=lambda: reloj.s, sleep=lambda _s: None)
    monkeypatch.setattr(suscripcion_pulsar, "time", tiempo)
    cliente = Cliente(consumidor=consumidor)
    clientes = SimpleNamespace(cliente=lambda: cliente, exigir=lambda: None, soltar=lambda: None)
    suscripcion = SuscripcionPulsar(cast(Clientes, clientes), "p/", ["t"], "s", 10)

    def esperar(segundos: int) -> list[Any]:
        oidos = []
        for _ in range(segundos):
            reloj.s += 1.5
            oidos += suscripcion.recibir(10, 0)
        return oidos

    [recibido] = esperar(3)
    assert consumidor.pedidos == 1
    assert esperar(40) == []
    assert consumidor.pedidos == 1
    suscripcion.confirmar([recibido])
    assert len(esperar(40)) >= 1

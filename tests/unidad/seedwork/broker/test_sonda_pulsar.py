"""A broker that is away, or takes connections and says nothing, costs nothing but waiting."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import msgspec
import pytest

from aeropartners.seedwork.aplicacion.mensajes import Envio
from aeropartners.seedwork.aplicacion.puertos import BrokerNoDisponible
from aeropartners.seedwork.infraestructura.broker import sonda_pulsar
from aeropartners.seedwork.infraestructura.broker.broker_pulsar import BrokerPulsar
from aeropartners.seedwork.infraestructura.broker.sonda_pulsar import SondaPulsar
from aeropartners.seedwork.infraestructura.broker.suscripcion_pulsar import SuscripcionPulsar
from tests.puertos import puerto_libre

RONDAS = 500


@pytest.fixture(autouse=True)
def con_prisa(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each round asks, and none waits long for an answer."""
    monkeypatch.setattr(sonda_pulsar, "REPOSO_S", 0.0)
    monkeypatch.setattr(sonda_pulsar, "PLAZO_S", 0.005)


@pytest.fixture
def mudo() -> Iterator[str]:
    """A port that takes every connection and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=RONDAS * 4)) as servidor:
        parar = threading.Event()

        def aceptar() -> None:
            abiertas = []
            while not parar.is_set():
                with suppress(OSError):
                    abiertas.append(servidor.accept()[0])
                    abiertas.pop(0).close() if len(abiertas) > 5 else None
            for conexion in abiertas:
                conexion.close()

        servidor.settimeout(0.05)
        hilo = threading.Thread(target=aceptar)
        hilo.start()
        yield f"pulsar://127.0.0.1:{servidor.getsockname()[1]}"
        parar.set()
        hilo.join()


def gasto() -> tuple[int, int]:
    """Threads and open descriptors of this process."""
    return len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))


def exigir_llano(ronda: Callable[[], None]) -> None:
    """Fail unless 500 rounds leave threads and descriptors where ten left them."""
    for _ in range(10):
        ronda()
    antes = gasto()
    for _ in range(RONDAS):
        ronda()
    despues = gasto()
    assert despues[0] <= antes[0] + 2, (antes, despues)
    assert despues[1] <= antes[1] + 8, (antes, despues)


@pytest.mark.parametrize("caso", ["cerrado", "mudo"])
def test_quinientas_rondas_sin_broker(caso: str, request: pytest.FixtureRequest) -> None:
    """Neither who subscribes nor who sends opens anything that stays; the subscription says what is wrong."""
    url = request.getfixturevalue("mudo") if caso == "mudo" else f"pulsar://127.0.0.1:{puerto_libre()}"
    broker = BrokerPulsar(url, "persistent://public/default/", 1)
    suscripcion = broker.suscribir(["tema"], "una")
    assert isinstance(suscripcion, SuscripcionPulsar)

    def ronda() -> None:
        suscripcion._conectar()
        with pytest.raises(BrokerNoDisponible):
            broker.enviar([Envio("tema", "c", msgspec.Raw(b"{}"))])

    desde = suscripcion.sordera
    exigir_llano(ronda)
    sordera = suscripcion.sordera
    assert desde
    assert sordera
    assert (sordera.sin_broker, sordera.desde) == (True, desde.desde)
    assert "refused" in sordera.causa if caso == "cerrado" else "timed out" in sordera.causa
    assert suscripcion.recibir(10, 0.001) == []
    suscripcion.cerrar()
    broker.cerrar()


def test_quien_contesta_cualquier_cosa_esta_ahi() -> None:
    """Of several hosts one is enough; what it says is the client's to judge."""
    with closing(socket.create_server(("127.0.0.1", 0))) as servidor:
        vivo = servidor.getsockname()[1]
        saludos: list[bytes] = []

        def contestar() -> None:
            conexion, _ = servidor.accept()
            with closing(conexion):
                saludos.append(conexion.recv(100))
                conexion.sendall(b"x")

        hilo = threading.Thread(target=contestar)
        hilo.start()
        SondaPulsar(f"pulsar://127.0.0.1:{puerto_libre()},127.0.0.1:{vivo}").exigir()
        hilo.join()
    assert b"aeropartners" in saludos[0]


def test_quien_no_estaba_no_se_pregunta_al_instante(monkeypatch: pytest.MonkeyPatch) -> None:
    """All who send ask the same: for a second the answer stands."""
    monkeypatch.setattr(sonda_pulsar, "REPOSO_S", 60.0)
    sonda, preguntas = SondaPulsar("pulsar://127.0.0.1:9"), []
    monkeypatch.setattr(sonda, "_saludar", lambda *lugar: preguntas.append(lugar) or _falla())
    for _ in range(3):
        with pytest.raises(BrokerNoDisponible):
            sonda.exigir()
    assert len(preguntas) == 1


def _falla() -> None:
    raise ConnectionRefusedError

"""The turns of the HTTP server, over real sockets: who would wait too long is refused, probes never are."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient

from aeropartners.arranque.http import colas
from aeropartners.arranque.http.servidores import HILOS, Servidor
from aeropartners.seedwork.infraestructura.web.acceso.control import SIN_CLAVES
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from aeropartners.seedwork.infraestructura.web.rutas.metricas import rutas_metricas
from tests.api.test_contrapresion import rechazadas
from tests.esperas import hasta

PACIENCIA_S = 0.05


@contextmanager
def ocupado(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Servidor, FlaskClient]]:
    """A server all of whose threads are busy until the end of the block, and whose queue has been waiting."""
    app, sigue, dentro = aplicacion_lenta()
    esperar_a_todos(monkeypatch)
    servidor = Servidor(app, "127.0.0.1", puerto_libre(), "PORT")
    servidor.empezar()
    with ExitStack() as pila:
        pila.callback(servidor.parar)
        pila.callback(sigue.set)
        for _ in range(HILOS + 1):
            pedir(pila, servidor, "/lenta")
        for _ in range(HILOS):
            assert dentro.acquire(timeout=60)
        despachador = servidor._servidor.task_dispatcher
        hasta(lambda: len(despachador.queue) == 1, "una petición en la cola")
        impacientar(monkeypatch)
        hasta(lambda: despachador.espera_s() > PACIENCIA_S, "una cola que espera")
        yield servidor, app.test_client()


def esperar_a_todos(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody refused while the threads of a slow machine are still coming to their requests."""
    for limite in ("ESPERA_S", "EN_INUNDACION_S"):
        monkeypatch.setattr(colas, limite, 600.0)


def impacientar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every request wait for little only, in a flood or not."""
    for limite in ("ESPERA_S", "EN_INUNDACION_S"):
        monkeypatch.setattr(colas, limite, PACIENCIA_S)


def aplicacion_lenta() -> tuple[Flask, threading.Event, threading.Semaphore]:
    """An application with a route that takes as long as the test wants."""
    app, sigue, dentro = (
        crear_aplicacion("lenta", [rutas_metricas()], acceso=SIN_CLAVES),
        threading.Event(),
        threading.Semaphore(0),
    )

    def lenta() -> Any:
        dentro.release()
        sigue.wait(60)
        return jsonify({})

    app.add_url_rule("/lenta", view_func=lenta)
    app.add_url_rule("/health", view_func=lambda: jsonify({}), endpoint="health")
    app.add_url_rule("/ready", view_func=lambda: jsonify({}), endpoint="ready")
    return app, sigue, dentro


def puerto_libre() -> int:
    """A port that nobody listens on."""
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        return int(libre.getsockname()[1])


def pedir(pila: ExitStack, servidor: Servidor, ruta: str) -> HTTPConnection:
    """Send a request on a connection of its own."""
    conexion = HTTPConnection("127.0.0.1", int(servidor.url.rsplit(":", 1)[1]), timeout=30)
    pila.callback(conexion.close)
    conexion.request("GET", ruta, headers={"X-Correlation-ID": "mia", "Origin": "http://otro"})
    return conexion


def test_un_servidor_lleno_rechaza_en_el_acto(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the contract's shape, its headers included, on a connection that stays; probes are answered."""
    with ocupado(monkeypatch) as (servidor, cliente), ExitStack() as pila:
        conexion = pedir(pila, servidor, "/lenta")
        for _ in range(2):
            respuesta = conexion.getresponse()
            assert (respuesta.status, respuesta.headers["Retry-After"]) == (429, "1")
            assert respuesta.headers["Content-Type"] == "application/json"
            assert respuesta.headers["X-Correlation-ID"] == "mia"
            assert "Access-Control-Allow-Origin" in respuesta.headers
            assert "detail" in respuesta.read().decode()
            conexion.request("GET", "/lenta", headers={"X-Correlation-ID": "mia", "Origin": "http://otro"})
        for sonda in ("/health", "/ready", "/metrics"):
            assert pedir(pila, servidor, sonda).getresponse().status == 200
        assert rechazadas(cliente, "servidor") >= 2


def test_a_quien_le_llega_tarde_el_turno_se_le_rechaza(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waited too long in the queue is not begun any more: its client may be gone."""
    app, sigue, dentro = aplicacion_lenta()
    esperar_a_todos(monkeypatch)
    servidor = Servidor(app, "127.0.0.1", puerto_libre(), "PORT")
    servidor.empezar()
    with ExitStack() as pila:
        pila.callback(servidor.parar)
        primeras = [pedir(pila, servidor, "/lenta") for _ in range(HILOS)]
        for _ in range(HILOS):
            assert dentro.acquire(timeout=60)
        ultima = pedir(pila, servidor, "/lenta")
        hasta(lambda: len(servidor._servidor.task_dispatcher.queue) == 1, "una petición en la cola")
        impacientar(monkeypatch)
        hasta(lambda: servidor._servidor.task_dispatcher.espera_s() > PACIENCIA_S, "una cola que espera")
        sigue.set()
        assert {c.getresponse().status for c in primeras} == {200}
        assert ultima.getresponse().status == 429


def test_los_hilos_se_hacen_cuando_hacen_falta(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as there are requests, up to the most; and they end when nobody needs them."""
    app, sigue, dentro = aplicacion_lenta()
    esperar_a_todos(monkeypatch)
    servidor = Servidor(app, "127.0.0.1", puerto_libre(), "PORT")
    hilos = servidor._servidor.task_dispatcher.threads
    servidor.empezar()
    with ExitStack() as pila:
        pila.callback(servidor.parar)
        pila.callback(sigue.set)
        for cuantos in range(1, HILOS + 1):
            pedir(pila, servidor, "/lenta")
            assert dentro.acquire(timeout=60)
            assert cuantos <= len(hilos) <= cuantos + 1
        pedir(pila, servidor, "/lenta")
        assert len(hilos) == HILOS
        sigue.set()
        hasta(lambda: len(hilos) == colas.HILOS_DE_SERIE, "solo los hilos de siempre")


def test_un_servidor_que_para_no_hace_hilos() -> None:
    """A request that comes while it stops would have a thread that nobody ends."""
    despachador = colas.Despachador(HILOS)
    despachador.shutdown()
    antes = threading.active_count()
    despachador.add_task(Canal())
    assert (len(despachador.threads), threading.active_count()) == (0, antes)


def test_en_una_inundacion_se_espera_poco() -> None:
    """A burst may wait for a second; a queue that was never empty for one, a tenth of it; then as before."""
    ahora = [0.0]
    despachador = colas.Despachador(0, lambda: ahora[0])
    despachador.add_task(Canal())
    ahora[0] = 1.0
    assert (despachador.espera_s(), despachador.limite_s()) == (1.0, colas.ESPERA_S)
    ahora[0] = 1.1
    assert despachador.limite_s() == colas.EN_INUNDACION_S
    segundo = Canal()
    despachador.add_task(segundo)
    hasta(lambda: segundo.atendido, "el rechazo")
    assert segundo.requests[0].negada
    despachador.queue.clear()
    tercero = Canal()
    despachador.add_task(tercero)
    assert not hasattr(tercero.requests[0], "negada")
    assert despachador.limite_s() == colas.ESPERA_S
    despachador.shutdown()


class Canal:
    """A connection with one request."""

    def __init__(self) -> None:
        self.requests, self.atendido = [SimpleNamespace(path="/saga/")], False

    def service(self) -> None:
        self.atendido = True

    def cancel(self) -> None:
        return

"""GET /saga/events/stream as its clients meet it: over HTTP, beside all other requests, until the drain."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
from flask import Flask

from aeropartners.arranque.http.servidores import HILOS, Servidor
from aeropartners.contratos.saga import TEMA_EVENTOS
from saga_orchestrator.infraestructura.consultas.flujo import LECTORES, Flujo, LecturaEventos
from tests.api.mandos import puerto_libre
from tests.api.sistema import Sistema, levantar
from tests.datos import cuerpo_de_saga
from tests.esperas import hasta

RUTA = "/saga/events/stream"


@contextmanager
def servido(sistema: Sistema, puerto: int = 0) -> Iterator[Servidor]:
    """The orchestrator on a port of its own, with the threads that it has in production."""
    app = sistema.orquestador.application
    servidor = Servidor(app, "127.0.0.1", puerto or puerto_libre(), "PUERTO", LECTORES)
    servidor.empezar()
    yield servidor
    sistema.proceso.soltar_lo_que_dura()
    servidor.parar()


@pytest.fixture
def servidor(sistema: Sistema) -> Iterator[Servidor]:
    """A server over it."""
    with servido(sistema) as servidor:
        yield servidor


@pytest.fixture
def sistema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sistema]:
    """A system of its own: its stream is closed at the end."""
    with levantar(tmp_path_factory.mktemp("flujo")) as sistema:
        con_lector(sistema)
        yield sistema


def con_lector(sistema: Sistema) -> None:
    """Subscribe to the topic of the events: what nobody is subscribed to is not kept."""
    tienda = sistema.proceso.c.tienda()
    assert tienda
    tienda.preparar({TEMA_EVENTOS: ["prueba"]})


def leidos(respuesta: httpx.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each event of a stream with its id."""
    lineas = respuesta.iter_lines()
    for linea in lineas:
        if linea.startswith("id: "):
            yield linea[4:], json.loads(next(lineas).removeprefix("data: "))


def terminada(sistema: Sistema, fallar: bool = False) -> str:
    """A saga that has ended."""
    cuerpo = cuerpo_de_saga("FALLA-flujo" if fallar else None)
    saga_id = str(sistema.bff.post("/saga/crear-campana-completa", json=cuerpo).get_json()["saga_id"])
    sistema.final(saga_id)
    return saga_id


def publicados(sistema: Sistema) -> list[dict[str, Any]]:
    """What is on the topic."""
    tienda = sistema.proceso.c.tienda()
    assert tienda
    return [json.loads(cuerpo) for _, cuerpo, _ in tienda.leer(TEMA_EVENTOS, 0, 1_000)]


def test_el_flujo_es_lo_que_hay_en_el_tema(sistema: Sistema, servidor: Servidor) -> None:
    """The same envelopes, to the letter, in the same order of each saga, and nothing that is not public."""
    terminada(sistema)
    terminada(sistema, fallar=True)
    tema = hasta(
        lambda: (t := publicados(sistema)) and t[-1]["event_type"] == "SagaCompensacionCompletada" and t,
        "el último evento en el tema",
    )
    with httpx.stream("GET", f"{servidor.url}{RUTA}?desde=inicio", timeout=30) as respuesta:
        assert respuesta.headers["content-type"] == "text/event-stream; charset=utf-8"
        eventos = leidos(respuesta)
        flujo = [next(eventos)[1] for _ in tema]
    assert flujo == tema


def test_se_reanuda_tras_el_ultimo_recibido(sistema: Sistema, servidor: Servidor) -> None:
    """With `Last-Event-ID` a reader gets what came after it, once, whatever `desde` says."""
    terminada(sistema)
    with httpx.stream("GET", f"{servidor.url}{RUTA}?desde=inicio", timeout=30) as respuesta:
        eventos = leidos(respuesta)
        primeros = [next(eventos) for _ in range(3)]
    cabeceras = {"Last-Event-ID": primeros[0][0]}
    with httpx.stream(
        "GET", f"{servidor.url}{RUTA}?desde=inicio", headers=cabeceras, timeout=30
    ) as respuesta:
        eventos = leidos(respuesta)
        assert [next(eventos) for _ in range(2)] == primeros[1:]


def test_los_eventos_llegan_mientras_ocurren(sistema: Sistema, servidor: Servidor) -> None:
    """An open reader is told of a saga that starts after it, to its end."""
    with httpx.stream("GET", f"{servidor.url}{RUTA}", timeout=30) as respuesta:
        lineas = respuesta.iter_lines()
        assert next(lineas) == "retry: 2000"
        saga_id = terminada(sistema)
        for linea in lineas:
            if "SagaCompletada" in linea:
                break
        assert saga_id in linea


def test_una_posicion_mala_es_un_400(sistema: Sistema) -> None:
    """In the contract's shape, and no place is taken by it."""
    for _ in range(LECTORES + 1):
        respuesta = sistema.orquestador.get(RUTA, headers={"Last-Event-ID": "ayer"})
        assert (respuesta.status_code, "detail" in respuesta.get_json()) == (400, True)


def test_dieciseis_lectores_y_nadie_mas_espera(sistema: Sistema, servidor: Servidor) -> None:
    """With every place taken the next is told when to come back, and all 32 threads serve the others.

    The requests wait for one another, so they are answered only when all of them run at once.
    """
    juntos = threading.Barrier(HILOS, timeout=60)
    app: Flask = sistema.orquestador.application
    app.before_request_funcs.setdefault(None, []).append(_esperar_en(juntos))
    with ExitStack() as abiertos, httpx.Client(limits=httpx.Limits(max_connections=None)) as cliente:
        for _ in range(LECTORES):
            respuesta = abiertos.enter_context(cliente.stream("GET", f"{servidor.url}{RUTA}", timeout=60))
            assert respuesta.status_code == 200
        rechazada = cliente.get(f"{servidor.url}{RUTA}", timeout=60)
        assert (rechazada.status_code, rechazada.headers["Retry-After"]) == (503, "5")
        assert "16 lectores" in rechazada.json()["detail"]
        with ThreadPoolExecutor(HILOS) as piscina:
            pedidas = [
                piscina.submit(cliente.get, f"{servidor.url}/?juntos=1", timeout=90) for _ in range(HILOS)
            ]
            assert [p.result().status_code for p in pedidas] == [200] * HILOS


def _esperar_en(juntos: threading.Barrier) -> Any:
    from flask import request

    def esperar() -> None:
        if request.args.get("juntos"):
            juntos.wait()

    return esperar


def test_quien_se_va_devuelve_su_lugar(sistema: Sistema) -> None:
    """A client that goes away without a word is noticed at the next heartbeats."""
    flujo = Flujo(LecturaEventos(sistema.proceso.c.motor()), maximo=1, pausa_s=0.01, latido_s=0)
    with _solo_flujo(flujo) as servidor:
        url = f"{servidor.url}{RUTA}"

        def admitido() -> bool:
            with httpx.stream("GET", url, timeout=30) as otra:
                return otra.status_code == 200

        with httpx.stream("GET", url, timeout=30) as respuesta:
            lineas = respuesta.iter_lines()
            assert next(lineas) == "retry: 2000"
            assert not admitido()
        hasta(admitido, "el lugar devuelto")
        flujo.cerrar()


@contextmanager
def _solo_flujo(flujo: Flujo) -> Iterator[Servidor]:
    from aeropartners.seedwork.infraestructura.web.acceso.control import SIN_CLAVES
    from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
    from saga_orchestrator.infraestructura.rest.api_flujo import rutas_flujo

    app = crear_aplicacion("flujo", [rutas_flujo(flujo)], acceso=SIN_CLAVES)
    servidor = Servidor(app, "127.0.0.1", puerto_libre(), "PUERTO", flujo.maximo)
    servidor.empezar()
    yield servidor
    servidor.parar()


def test_al_drenar_los_flujos_terminan_bien(sistema: Sistema) -> None:
    """The reader gets the end of the answer, not a broken connection, and the server waits for nobody."""
    with servido(sistema) as servidor:
        respuesta = httpx.Client().send(
            httpx.Request("GET", f"{servidor.url}{RUTA}", extensions={"timeout": {"read": 60}}), stream=True
        )
        lineas = respuesta.iter_lines()
        assert next(lineas) == "retry: 2000"
    assert all(not li or li.startswith(": latido") for li in lineas)

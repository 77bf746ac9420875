"""Starts are refused while a loop of any process is late; nothing else is, and nothing changed by it."""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from aeropartners.arranque.config import leer
from aeropartners.arranque.proceso import contrapresion
from aeropartners.seedwork.aplicacion.bucles import escritor
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.puertos import PeorRetraso
from aeropartners.seedwork.infraestructura.base.tablas import salida
from aeropartners.seedwork.infraestructura.operacion.retrasos import RetrasosSQL
from tests.api.sistema import Sistema, levantar
from tests.api.solo_orquestador import SoloOrquestador, orquestador
from tests.datos import cuerpo_de_saga
from tests.esperas import hasta
from tests.hostil.quieto import Quieto, levantar_quieto

RUTA = "/saga/crear-campana-completa"
RETRASO = PeorRetraso(uuid.UUID(int=7), "consumidor-pagos", 7.4)


@pytest.fixture(scope="module")
def quieto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quieto]:
    """A system in which only requests change rows."""
    with levantar_quieto(tmp_path_factory.mktemp("quieto")) as quieto:
        yield quieto


@contextmanager
def cerrada(quieto: Quieto) -> Iterator[None]:
    """As if another process were late; looked at all the time, as its loop does."""
    admision, parar = quieto.proceso.c.admision(), threading.Event()

    def mirar() -> None:
        while not parar.wait(0.05):
            admision.mirar(RETRASO)

    admision.mirar(RETRASO)
    hilo = threading.Thread(target=mirar)
    hilo.start()
    try:
        yield
    finally:
        parar.set()
        hilo.join()
        admision.mirar(None)


def exigir_429(respuesta: TestResponse) -> str:
    """Return its `detail`; fails unless it is the contract's shape with a time to come back."""
    assert respuesta.status_code == 429, respuesta.get_data(as_text=True)
    assert respuesta.mimetype == "application/json"
    assert 1 <= int(respuesta.headers["Retry-After"]) <= 30
    [(campo, detalle)] = respuesta.get_json().items()
    assert campo == "detail"
    return str(detalle)


@pytest.mark.parametrize("nombre", ["orquestador", "bff", "principal"])
def test_un_inicio_se_rechaza_y_nada_cambia(quieto: Quieto, nombre: str) -> None:
    """429 on every door to it, before a row is written, with a key or without; later it starts."""
    cliente, clave = quieto.cliente(nombre), {"Idempotency-Key": str(uuid.uuid4())}
    with cerrada(quieto):
        antes = quieto.foto()
        for cabeceras in ({}, clave):
            respuesta = cliente.post(RUTA, json=cuerpo_de_saga(), headers=cabeceras)
            assert exigir_429(respuesta) == "El sistema va 7 s atrasado; intente más tarde"
            assert respuesta.headers["Retry-After"] == "8"
        assert quieto.foto() == antes
    assert cliente.post(RUTA, json=cuerpo_de_saga(), headers=clave).status_code == 200


def test_una_clave_contestada_se_contesta(quieto: Quieto) -> None:
    """Its answer is there already: the same again, and 409 with another body."""
    cliente, cuerpo = quieto.cliente("bff"), cuerpo_de_saga()
    cabeceras = {"Idempotency-Key": str(uuid.uuid4())}
    primera = cliente.post(RUTA, json=cuerpo, headers=cabeceras)
    with cerrada(quieto):
        repetida = cliente.post(RUTA, json=cuerpo, headers=cabeceras)
        assert (repetida.status_code, repetida.get_json()) == (200, primera.get_json())
        assert cliente.post(RUTA, json=cuerpo_de_saga(), headers=cabeceras).status_code == 409


def test_solo_los_inicios_se_rechazan(quieto: Quieto) -> None:
    """Reads, operators' orders and the modules' own writes go on; a bad body is still a 400."""
    bff, principal = quieto.cliente("bff"), quieto.cliente("principal")
    saga_id = bff.post(RUTA, json=cuerpo_de_saga()).get_json()["saga_id"]
    with cerrada(quieto):
        assert bff.get(f"/saga/{saga_id}/status").status_code == 200
        assert bff.post(RUTA, json={}).status_code == 400
        assert principal.post("/campaigns/", json=cuerpo_de_saga()["campana"]).status_code == 200
        assert bff.post(f"/saga/{saga_id}/cancelar", json={"motivo": "x"}).status_code == 202


@pytest.mark.parametrize("nombre", ["orquestador", "bff", "principal"])
def test_el_openapi_lo_declara(quieto: Quieto, nombre: str) -> None:
    """Every operation can be refused, but those that machines ask to learn whether a service lives."""
    rutas = quieto.cliente(nombre).get("/openapi.json").get_json()["paths"]
    operaciones = [
        (r, o) for r, suyas in rutas.items() for metodo, o in suyas.items() if metodo != "parameters"
    ]
    sin = {ruta for ruta, operacion in operaciones if "429" not in operacion["responses"]}
    assert {"/health", "/ready", "/metrics"} <= sin
    assert all(ruta in ("/ready", "/metrics") or "health" in ruta for ruta in sin)


def test_quien_opera_lo_ve(quieto: Quieto) -> None:
    """/health stays green and says since when and because of which loop; the figures count refusals."""
    cliente = quieto.cliente("orquestador")
    with cerrada(quieto):
        cierre = quieto.proceso.c.admision().cierre
        assert cierre
        cliente.post(RUTA, json=cuerpo_de_saga())
        salud = cliente.get("/health")
        [problema] = [p for p in salud.get_json()["problemas"] if p["que"] == "admisión de sagas"]
        assert (salud.status_code, salud.get_json()["status"]) == (200, "healthy")
        assert datetime.fromisoformat(problema["desde"]) == cierre.desde <= datetime.now(UTC)
        assert problema["error"] == "consumidor-pagos va 7 s atrasado; los inicios se rechazan con 429"
        metricas = cliente.get("/metrics").get_data(as_text=True)
        assert "saga_admission_open 0.0" in metricas
        assert 'saga_admission_delay_seconds{loop="consumidor-pagos"} 7.4' in metricas
    assert rechazadas(cliente, "retraso") >= 1
    assert "saga_admission_open 1.0" in cliente.get("/metrics").get_data(as_text=True)
    assert "admisión" not in str(cliente.get("/health").get_json())


def rechazadas(cliente: FlaskClient, motivo: str) -> float:
    """What the figures say."""
    texto = cliente.get("/metrics").get_data(as_text=True)
    [linea] = [li for li in texto.splitlines() if li.startswith(f'http_refused_total{{reason="{motivo}"}}')]
    return float(linea.split()[1])


def test_un_bucle_atrasado_cierra_de_verdad(tmp_path: Path) -> None:
    """By the loops themselves: a process tells, the orchestrator hears, refuses, and lets in again."""
    with levantar(tmp_path) as sistema:
        otro = RetrasosSQL(sistema.proceso.c.motor(), sistema.proceso.c.reloj(), uuid.uuid4())

        def rechaza() -> bool:
            otro.decir("consumidor-pagos", 6)
            return sistema.bff.post(RUTA, json=cuerpo_de_saga()).status_code == 429

        hasta(rechaza, "un inicio rechazado")
        otro.callar()
        hasta(lambda: iniciar(sistema) == 200, "un inicio admitido")


@pytest.mark.parametrize(("mib", "cerrada"), [("0.01", True), ("1", False), ("0", False)])
def test_una_salida_llena_cierra_de_verdad(tmp_path: Path, mib: str, cerrada: bool) -> None:
    """By its own loop, which weighs the outbox, and as the variable says; 1,024 MiB when it says nothing."""
    assert leer({}).admision_salida_mib == 1_024
    with orquestador(tmp_path, ("escritor-saga",), ADMISION_SALIDA_MIB=mib) as solo:
        with solo.motor.escritura() as con:
            fila = {"lote": uuid.uuid4(), "creado": datetime.now(UTC), "cuerpo": b"x" * 20_000}
            con.execute(salida.insert().values(**fila))
            con.commit()
        [mirar] = [h for h in contrapresion.hilos(solo.proceso.c, admite=True) if h.nombre == "admision"]
        mirar._fabricar().una_ronda()
        respuesta = solo.cliente.post(RUTA, json=cuerpo_de_saga())
        if not cerrada:
            assert respuesta.status_code == 200
            return
        assert exigir_429(respuesta) == "La cola de salida está llena; intente más tarde"
        assert rechazadas(solo.cliente, "salida") == 1


def iniciar(sistema: Sistema) -> int:
    """The status of a start."""
    return sistema.bff.post(RUTA, json=cuerpo_de_saga()).status_code


def test_los_bucles_de_un_proceso_se_miden(tmp_path: Path) -> None:
    """A batch that hangs in a handler is told by the name of its loop."""
    with levantar(tmp_path, ADMISION_RETRASO_S="0") as sistema:
        parado, sigue = threading.Event(), threading.Event()
        ejecutor = sistema.proceso.escritores["campanas"]._ejecutor.procesador
        procesar = ejecutor.procesar

        def lento(uow: Any, sobres: list[Sobre]) -> Any:
            if sobres:
                parado.set()
                sigue.wait(60)
            return procesar(uow, sobres)

        ejecutor.procesar = lento  # type: ignore[method-assign, assignment]
        try:
            iniciar(sistema)
            assert parado.wait(60)
            assert hasta(lambda: demorado(sistema, "consumidor-campanas"), "el retraso del bucle") > 0
        finally:
            sigue.set()
        hasta(lambda: demorado(sistema, "consumidor-campanas") == 0, "el bucle al día")


def demorado(sistema: Sistema, bucle: str) -> float:
    """The delay of a loop in the figures."""
    texto = sistema.orquestador.get("/metrics").get_data(as_text=True)
    [linea] = [li for li in texto.splitlines() if li.startswith(f'loop_delay_seconds{{loop="{bucle}"}}')]
    return float(linea.split()[1])


def test_una_escritura_que_esperaria_demasiado(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused at once with 429; an operator's order waits for its turn all the same."""
    monkeypatch.setattr(escritor, "PLAZO_S", 60)
    with orquestador(tmp_path, ("escritor-saga",)) as solo:
        saga_id = solo.iniciar()
        with colgado(solo) as sigue:
            respuesta = solo.cliente.post(RUTA, json=cuerpo_de_saga())
            assert exigir_429(respuesta) == "Hay demasiadas escrituras en espera; intente más tarde"
            contestadas: list[int] = []
            orden = threading.Thread(target=lambda: contestadas.append(cancelar(solo, saga_id)))
            orden.start()
            sigue.set()
            orden.join(60)
        assert contestadas == [202]
        assert rechazadas(solo.cliente, "cola") == 1


def cancelar(solo: SoloOrquestador, saga_id: str) -> int:
    """The status of an operator's order, on a client of its own."""
    cliente = solo.cliente.application.test_client()
    return cliente.post(f"/saga/{saga_id}/cancelar", json={"motivo": "x"}).status_code


@contextmanager
def colgado(solo: SoloOrquestador) -> Iterator[threading.Event]:
    """A writer whose group in hand has taken long, and ends when the event is set."""
    el_escritor = solo.proceso.escritores["saga"]
    sigue, dentro = threading.Event(), threading.Event()

    def preparar() -> None:
        with el_escritor._espera.un_grupo():
            el_escritor._espera._desde = el_escritor._espera._reloj() - 6
            dentro.set()
            sigue.wait(60)

    hilo = threading.Thread(target=preparar)
    hilo.start()
    dentro.wait(60)
    yield sigue
    sigue.set()
    hilo.join(60)

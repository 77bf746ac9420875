"""Requests that wait for an end, over real sockets: they take no thread from any other request."""

import threading
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from flask import Flask, Response, jsonify

from aeropartners.arranque.http.colas import HILOS_DE_SERIE, Despachador
from aeropartners.arranque.http.servidores import HILOS, Servidor
from aeropartners.seedwork.aplicacion.espera_de_finales import EsperaDeFinales
from aeropartners.seedwork.infraestructura.web.acceso.control import SIN_CLAVES
from aeropartners.seedwork.infraestructura.web.acceso.permisos import Permiso, exige
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from aeropartners.seedwork.infraestructura.web.hilo_suplente import con_suplente
from tests.api.mandos import puerto_libre
from tests.api.sistema import Sistema, levantar
from tests.api.test_colas import esperar_a_todos
from tests.datos import cuerpo_de_saga
from tests.esperas import hasta

MAXIMO, PLAZO_S = 500, 300.0
INICIO = "/saga/crear-campana-completa"


@dataclass
class Base:
    """What has ended, how many ids each question was for, and how many had ended of the last ones."""

    terminados: frozenset[UUID] = frozenset()
    preguntas: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, ids: Collection[UUID]) -> Collection[UUID]:
        hallados = self.terminados & set(ids)
        self.preguntas.append((len(ids), len(hallados)))
        return hallados


class Cafeteria:
    """A server with a route that waits, and connections of its clients."""

    def __init__(self, maximo: int, pila: ExitStack) -> None:
        self.base = Base()
        self.espera = EsperaDeFinales(self.base, maximo, con_suplente)
        self.contesta = threading.Event()
        self.contesta.set()
        app = aplicacion(self.espera, self.contesta)
        self.servidor = Servidor(app, "127.0.0.1", puerto_libre(), "PORT")
        self._pila = pila

    @property
    def despachador(self) -> Despachador:
        """The threads of the server."""
        despachador: Despachador = self.servidor._servidor.task_dispatcher
        return despachador

    @property
    def hilos(self) -> int:
        """How many threads it has that answer."""
        return len(self.despachador.threads)

    @property
    def esperan(self) -> int:
        """How many threads wait for an end."""
        return self.espera.esperan

    def pedir(self, ids: Sequence[UUID], raiz: str = "pedidos") -> list[HTTPConnection]:
        """Send a request for each, on a connection of its own."""
        return [self.pedir_una(f"/{raiz}/{id}") for id in ids]

    def pedir_una(self, ruta: str) -> HTTPConnection:
        """Send a request on a connection of its own."""
        cliente = HTTPConnection("127.0.0.1", self.servidor.puerto, timeout=60)
        self._pila.callback(cliente.close)
        cliente.request("POST", ruta)
        return cliente

    def estado(self, ruta: str) -> int:
        """Ask for a path and return the status."""
        return httpx.get(f"{self.servidor.url}{ruta}", trust_env=False, timeout=60).status_code


def estados(clientes: Sequence[HTTPConnection]) -> list[int]:
    """The status of each client's next answer."""
    respuestas = [cliente.getresponse() for cliente in clientes]
    return [respuesta.status for respuesta in respuestas if respuesta.read() is not None]


def aplicacion(espera: EsperaDeFinales, contesta: threading.Event) -> Flask:
    """An application with a route that waits, and then answers when the test wants.

    Another of its routes calls that one within the process, as a BFF does.
    """
    app = crear_aplicacion("cafeteria", [], acceso=SIN_CLAVES)

    @exige(Permiso.ABIERTO)
    def pedido(id: UUID) -> Response:
        respuesta = jsonify({})
        respuesta.status_code = 201 if espera.esperar(id, PLAZO_S) else 202
        contesta.wait(60)
        return respuesta

    @exige(Permiso.ABIERTO)
    def por_otro(id: UUID) -> Response:
        with httpx.Client(transport=httpx.WSGITransport(app=app)) as cliente:
            respuesta = jsonify({})
            respuesta.status_code = cliente.post(f"http://localhost/pedidos/{id}").status_code
            return respuesta

    app.add_url_rule("/pedidos/<uuid:id>", view_func=pedido, methods=["POST"])
    app.add_url_rule("/pedidos/<uuid:id>/health", endpoint="sonda", view_func=pedido, methods=["POST"])
    app.add_url_rule("/por-otro/<uuid:id>", view_func=por_otro, methods=["POST"])
    app.add_url_rule("/health", view_func=lambda: jsonify({}), endpoint="health")
    app.add_url_rule("/pedidos/", view_func=lambda: jsonify([]), endpoint="lista")
    return app


@contextmanager
def abierta(maximo: int) -> Iterator[Cafeteria]:
    """A server with so many places, until the end of the block; its queue refuses nobody."""
    with ExitStack() as pila:
        esperar_a_todos(pila.enter_context(pytest.MonkeyPatch.context()))
        cafeteria = Cafeteria(maximo, pila)
        cafeteria.servidor.empezar()
        pila.callback(cafeteria.servidor.parar)
        pila.callback(cafeteria.espera.cerrar)
        yield cafeteria


def test_quinientos_esperan_y_los_demas_pasan() -> None:
    """Probes and a list are answered, the next who would wait is not made to, one query wakes all.

    A thread is free for whoever comes; those that were made are gone once nobody waits.
    """
    ids = [UUID(int=n) for n in range(1, MAXIMO + 1)]
    with abierta(MAXIMO) as cafeteria:
        assert cafeteria.hilos == HILOS_DE_SERIE
        clientes = cafeteria.pedir(ids)
        hasta(lambda: cafeteria.esperan == MAXIMO, "quinientos que esperan")
        assert MAXIMO < cafeteria.hilos <= MAXIMO + HILOS
        assert [cafeteria.estado(ruta) for ruta in ("/health", "/pedidos/")] == [200, 200]
        assert estados(cafeteria.pedir([UUID(int=501)])) == [202]
        assert cafeteria.esperan == MAXIMO
        cafeteria.base.terminados = frozenset(ids)
        assert set(estados(clientes)) == {201}
        hasta(lambda: cafeteria.hilos == HILOS_DE_SERIE, "solo los hilos de siempre")
    assert [p for p in cafeteria.base.preguntas if p[1]] == [(MAXIMO, MAXIMO)]
    hasta(lambda: "espera-de-finales" not in {h.name for h in threading.enumerate()}, "nadie que pregunte")


def test_lo_que_termina_en_el_proceso_no_se_pregunta() -> None:
    """Whoever is told of is answered though the database says of none that it has ended."""
    ids = [UUID(int=n) for n in range(1, 2 * HILOS + 1)]
    with abierta(MAXIMO) as cafeteria:
        clientes = cafeteria.pedir(ids)
        hasta(lambda: cafeteria.esperan == len(ids), "todos esperan")
        cafeteria.espera.avisar(ids)
        assert set(estados(clientes)) == {201}
        assert {hallados for _, hallados in cafeteria.base.preguntas} <= {0}


def test_quien_llama_dentro_del_proceso_tampoco_ocupa_un_hilo() -> None:
    """The thread that waits is replaced although its request is for the application in front."""
    ids = [UUID(int=n) for n in range(1, 2 * HILOS + 1)]
    with abierta(MAXIMO) as cafeteria:
        clientes = cafeteria.pedir(ids, "por-otro")
        hasta(lambda: cafeteria.esperan == len(ids), "todos esperan")
        assert cafeteria.estado("/pedidos/") == 200
        cafeteria.espera.avisar(ids)
        assert set(estados(clientes)) == {201}


def test_quien_desperto_no_quita_el_turno_a_nadie() -> None:
    """An idle thread that is woken for a request answers it, though one thread is too many by now."""
    with abierta(MAXIMO) as cafeteria:
        [cliente] = cafeteria.pedir([UUID(int=1)])
        hasta(lambda: cafeteria.esperan, "uno que espera")
        cafeteria.contesta.clear()
        cafeteria.espera.avisar([UUID(int=1)])
        hasta(lambda: not cafeteria.esperan, "ninguno que espera")
        assert [cafeteria.estado("/pedidos/") for _ in range(HILOS)] == [200] * HILOS
        assert cafeteria.hilos <= HILOS + 1
        cafeteria.contesta.set()
        assert estados([cliente]) == [201]
        hasta(lambda: cafeteria.hilos == HILOS_DE_SERIE, "solo los hilos de siempre")


def test_el_hilo_de_una_sonda_no_espera() -> None:
    """A path that ends as a probe's takes none of the two threads that probes have."""
    with abierta(MAXIMO) as cafeteria:
        assert estados([cafeteria.pedir_una(f"/pedidos/{UUID(int=1)}/health")]) == [202]


def test_quien_espero_deja_su_hilo_al_que_espera_despues() -> None:
    """One connection after another: neither threads nor places are used up."""
    with abierta(1) as cafeteria:
        [cliente] = cafeteria.pedir([UUID(int=1)])
        for n in range(1, 2 * HILOS):
            hasta(lambda: cafeteria.esperan, "uno que espera")
            assert cafeteria.hilos <= 4
            cafeteria.espera.avisar([UUID(int=n)])
            assert estados([cliente]) == [201]
            cliente.request("POST", f"/pedidos/{UUID(int=n + 1)}")
        cafeteria.espera.cerrar()
        assert estados([cliente]) == [202]
        hasta(lambda: cafeteria.hilos == HILOS_DE_SERIE, "solo los hilos de siempre")


def test_una_parada_no_espera_a_ningun_final() -> None:
    """Those who wait are answered 202, and no thread is left when the server has stopped."""
    with abierta(MAXIMO) as cafeteria:
        clientes = cafeteria.pedir([UUID(int=n) for n in range(1, 2 * HILOS + 1)])
        hasta(lambda: cafeteria.esperan == len(clientes), "todos esperan")
        cafeteria.espera.cerrar()
        cafeteria.servidor.parar()
        assert cafeteria.hilos == 0
        assert set(estados(clientes)) == {202}
        assert not cafeteria.despachador.suplir()


def test_sin_mas_hilos_no_se_espera(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that gives no thread makes nobody wait, and nothing is counted that is not there."""
    with abierta(MAXIMO) as cafeteria:

        def no_hay(*_: object) -> None:
            raise RuntimeError("can't start new thread")

        with monkeypatch.context() as parche:
            parche.setattr(cafeteria.despachador, "start_new_thread", no_hay)
            clientes = cafeteria.pedir([UUID(int=n) for n in range(1, 2 * HILOS + 1)])
            assert set(estados(clientes)) == {202}
        assert cafeteria.hilos == HILOS_DE_SERIE
        [cliente] = cafeteria.pedir([UUID(int=1)])
        hasta(lambda: cafeteria.esperan, "uno que espera")
        cafeteria.espera.avisar([UUID(int=1)])
        assert estados([cliente]) == [201]


def iniciada(sistema: Sistema) -> UUID:
    """Start a saga that ends well."""
    return UUID(sistema.bff.post(INICIO, json=cuerpo_de_saga()).get_json()["saga_id"])


def test_el_final_de_una_saga_despierta_a_quien_la_espera(
    embebido: Sistema, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The orchestrator of the process tells of it, and the database knows it: each alone is enough."""
    espera = embebido.proceso.c.espera_de_sagas()
    with monkeypatch.context() as parche:
        parche.setattr(espera, "_terminados", lambda _ids: ())
        avisada = iniciada(embebido)
        assert espera.esperar(avisada, PLAZO_S)
    with monkeypatch.context() as parche:
        parche.setattr("saga_orchestrator.aplicacion.finales.asentadas", lambda _registrados: ())
        preguntada = iniciada(embebido)
        assert espera.esperar(preguntada, PLAZO_S)
    for id in (avisada, preguntada):
        assert embebido.estado(str(id))["estado"] == "COMPLETADA"


def test_una_parada_suelta_a_quien_espera_una_saga(tmp_path: Path) -> None:
    """A process that stops ends the waits for sagas with its streams."""
    with levantar(tmp_path, ESPERAS_MAXIMAS="1") as sistema, ThreadPoolExecutor(1) as hilos:
        espera = sistema.proceso.c.espera_de_sagas()
        futuro = hilos.submit(espera.esperar, UUID(int=7), PLAZO_S)
        hasta(lambda: espera.esperan, "uno que espera")
        assert not espera.esperar(UUID(int=8), PLAZO_S)
        sistema.proceso.soltar_lo_que_dura()
        assert not futuro.result(60)

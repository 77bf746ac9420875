"""Waiting for ends on a clock that the test moves: who wakes, when, and how often is asked."""

import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from uuid import UUID

import pytest

from aeropartners.seedwork.aplicacion import espera_de_finales
from aeropartners.seedwork.aplicacion.espera_de_finales import EsperaDeFinales
from tests.dobles.relojes import TiempoDeHilos
from tests.esperas import hasta

A, B, C = (UUID(int=n) for n in (1, 2, 3))
PLAZO_S = 10.0
PACIENCIA_S = 20.0  # of real time, for a thread that should be told
HILO = "espera-de-finales"


class Base:
    """What has ended, and each question with the second at which it was asked."""

    def __init__(self, tiempo: TiempoDeHilos) -> None:
        self.terminados: set[UUID] = set()
        self.preguntas: list[tuple[float, set[UUID]]] = []
        self.tarda_s, self.caida = 0.0, False
        self._tiempo = tiempo

    def __call__(self, ids: Collection[UUID]) -> Collection[UUID]:
        self.preguntas.append((self._tiempo(), set(ids)))
        self._tiempo.pasar(self.tarda_s)
        if self.caida:
            raise ConnectionError("no hay base")
        return self.terminados & set(ids)


class Mesa:
    """An `EsperaDeFinales` over both, with threads that wait."""

    def __init__(self, hilos: ThreadPoolExecutor, maximo: int) -> None:
        self.tiempo = TiempoDeHilos()
        self.base = Base(self.tiempo)
        self.espera = EsperaDeFinales(
            self.base, maximo, self.suplente, reloj=self.tiempo, avisos=self.tiempo.aviso
        )
        self.puede, self.suplidos = True, 0
        self._hilos = hilos

    @contextmanager
    def suplente(self) -> Iterator[bool]:
        """Count the threads that wait."""
        self.suplidos += 1
        yield self.puede
        self.suplidos -= 1

    def esperar(self, *ids: UUID, plazo_s: float = PLAZO_S) -> list[Future[bool]]:
        """Have one more thread wait for each of these."""
        return [self._hilos.submit(self.espera.esperar, id, plazo_s) for id in ids]


def dichos(futuros: Collection[Future[bool]]) -> list[bool]:
    """What the threads were told."""
    return [futuro.result(PACIENCIA_S) for futuro in futuros]


def pregunta_alguien() -> bool:
    """Whether a thread lives that asks."""
    return any(hilo.name == HILO for hilo in threading.enumerate())


@pytest.fixture
def sentar() -> Iterator[Callable[[int], Mesa]]:
    """Makes a table with so many places; whoever sits there is let go at the end."""
    mesas: list[Mesa] = []
    with ThreadPoolExecutor(600) as hilos:

        def una(maximo: int) -> Mesa:
            mesas.append(Mesa(hilos, maximo))
            return mesas[-1]

        yield una
        for mesa in mesas:
            mesa.espera.cerrar()
            mesa.tiempo.pasar(3600)
    hasta(lambda: not pregunta_alguien(), "nadie que pregunte")


@pytest.fixture
def mesa(sentar: Callable[[int], Mesa]) -> Mesa:
    """A table with places enough."""
    return sentar(600)


def test_quien_termina_aqui_despierta_en_el_acto(mesa: Mesa) -> None:
    """Without a query, and only those who wait for it, all of them; the thread that asks ends by itself."""
    primeros, otro = mesa.esperar(A, A), mesa.esperar(B)
    mesa.tiempo.dormidos(4)
    mesa.espera.avisar([A, C])
    assert dichos(primeros) == [True, True]
    mesa.espera.avisar([B])
    assert dichos(otro) == [True]
    assert mesa.base.preguntas == []
    mesa.tiempo.pasar(1)
    hasta(lambda: not pregunta_alguien(), "nadie que pregunte")
    assert mesa.base.preguntas == []


def test_quien_termina_en_otro_proceso_despierta_por_la_pregunta(mesa: Mesa) -> None:
    """Nobody tells: the database is asked, soon at first."""
    [futuro] = mesa.esperar(A)
    mesa.tiempo.dormidos(2)
    mesa.base.terminados = {A}
    assert mesa.tiempo.siguiente(2) == espera_de_finales.PAUSA_MINIMA_S
    assert futuro.result(PACIENCIA_S)
    assert mesa.base.preguntas == [(espera_de_finales.PAUSA_MINIMA_S, {A})]


def test_una_pregunta_por_quinientos(mesa: Mesa) -> None:
    """Each query is for all that are waited for, and wakes only those that ended."""
    ids = {UUID(int=n) for n in range(1, 501)}
    futuros = {id: mesa.esperar(id)[0] for id in ids}
    mesa.tiempo.dormidos(501)
    mesa.base.terminados = set(list(ids)[:200])
    mesa.tiempo.siguiente(501)
    assert all(dichos([futuros[id] for id in mesa.base.terminados]))
    mesa.tiempo.dormidos(301)
    assert [preguntados for _, preguntados in mesa.base.preguntas] == [ids]
    mesa.base.terminados = ids
    mesa.tiempo.siguiente(301)
    assert all(dichos(futuros.values()))
    assert [len(preguntados) for _, preguntados in mesa.base.preguntas] == [500, 300]


def test_se_pregunta_cada_vez_menos_hasta_el_plazo(mesa: Mesa) -> None:
    """Pauses grow from the shortest to the longest; whoever waits in vain is told so at the deadline."""
    [futuro] = mesa.esperar(A, plazo_s=1.0)
    while mesa.tiempo.siguiente(2) < 1.0:
        pass
    assert not futuro.result(PACIENCIA_S)
    cuando = [segundo for segundo, _ in mesa.base.preguntas]
    pausas = [round(b - a, 6) for a, b in pairwise(cuando)]
    assert pausas == sorted(pausas)
    assert pausas[0] == pytest.approx(espera_de_finales.PAUSA_MINIMA_S)
    assert pausas[-1] == pytest.approx(espera_de_finales.PAUSA_MAXIMA_S)
    assert mesa.suplidos == 0


def test_por_quien_acaba_de_llegar_se_pregunta_pronto(mesa: Mesa) -> None:
    """A thread that comes during a long pause shortens it."""
    mesa.esperar(A)
    while mesa.tiempo.siguiente(2) < 0.5:
        pass
    mesa.tiempo.dormidos(2)
    antes = len(mesa.base.preguntas)
    mesa.esperar(B)
    mesa.tiempo.dormidos(3)
    assert mesa.tiempo.siguiente(3) < 0.5 + 2 * espera_de_finales.PAUSA_MAXIMA_S
    mesa.tiempo.dormidos(3)
    llegada = mesa.tiempo.segundos - espera_de_finales.PAUSA_MINIMA_S
    assert mesa.base.preguntas[antes:] == [(mesa.tiempo.segundos, {A, B})]
    assert llegada < mesa.base.preguntas[antes - 1][0] + espera_de_finales.PAUSA_MAXIMA_S


def test_sin_base_se_espera_hasta_el_plazo_y_nadie_da_vueltas(mesa: Mesa) -> None:
    """A database that is away ends no wait; it is asked once a second, and its return wakes who ended."""
    primero, segundo = mesa.esperar(A, plazo_s=3.5), mesa.esperar(B)
    mesa.base.caida = True
    mesa.tiempo.dormidos(3)
    while mesa.tiempo.siguiente(3) < 3.5:
        pass
    assert dichos(primero) == [False]
    assert len(mesa.base.preguntas) == 4
    mesa.base.caida, mesa.base.terminados = False, {B}
    mesa.tiempo.siguiente(2)
    assert dichos(segundo) == [True]


def test_una_base_lenta_se_pregunta_menos(mesa: Mesa) -> None:
    """A query takes up at most a tenth of the time, whoever comes in between."""
    mesa.base.tarda_s = 0.05
    mesa.esperar(A)
    mesa.tiempo.siguiente(2)
    mesa.tiempo.dormidos(2)
    mesa.esperar(B)
    mesa.tiempo.dormidos(3)
    mesa.tiempo.siguiente(3)
    mesa.tiempo.dormidos(3)
    [(primera, _), (segunda, preguntados)] = mesa.base.preguntas
    assert segunda - primera == pytest.approx(10 * 0.05)
    assert preguntados == {A, B}


def test_mas_del_maximo_no_espera(sentar: Callable[[int], Mesa]) -> None:
    """Whoever finds no place is told so at once, and has no substitute; a place that is left is free."""
    mesa = sentar(2)
    sentados = mesa.esperar(A, B)
    mesa.tiempo.dormidos(3)
    assert dichos(mesa.esperar(C)) == [False]
    assert mesa.suplidos == 2
    mesa.espera.avisar([A])
    assert dichos(sentados[:1]) == [True]
    [nuevo] = mesa.esperar(C)
    mesa.tiempo.dormidos(3)
    mesa.espera.avisar([C])
    assert nuevo.result(PACIENCIA_S)


def test_quien_no_tiene_suplente_no_espera(sentar: Callable[[int], Mesa]) -> None:
    """It is told so at once, and leaves its place."""
    mesa = sentar(1)
    mesa.puede = False
    assert dichos(mesa.esperar(A)) == [False]
    mesa.puede = True
    [nuevo] = mesa.esperar(A)
    mesa.tiempo.dormidos(2)
    mesa.espera.avisar([A])
    assert nuevo.result(PACIENCIA_S)


def test_el_plazo_de_uno_no_es_el_de_otro(mesa: Mesa) -> None:
    """Two wait for the same; the first's deadline leaves the second waiting."""
    [corto], [largo] = mesa.esperar(A, plazo_s=0.005), mesa.esperar(A)
    assert mesa.tiempo.siguiente(3) == 0.005
    assert not corto.result(PACIENCIA_S)
    mesa.espera.avisar([A])
    assert largo.result(PACIENCIA_S)


def test_cerrar_suelta_a_todos(mesa: Mesa) -> None:
    """A stop ends every wait and the thread that asks, at once; who comes later does not wait."""
    futuros = mesa.esperar(A, B)
    mesa.tiempo.dormidos(3)
    mesa.espera.cerrar()
    assert dichos(futuros) == [False, False]
    hasta(lambda: not pregunta_alguien(), "nadie que pregunte")
    assert dichos(mesa.esperar(C)) == [False]
    assert mesa.suplidos == 0
    assert mesa.base.preguntas == []


def test_mientras_nadie_espera_nadie_pregunta(mesa: Mesa) -> None:
    """No thread and no query, also when something ends."""
    mesa.espera.avisar([A])
    mesa.tiempo.pasar(3600)
    assert not pregunta_alguien()
    assert mesa.base.preguntas == []
    assert not mesa.espera.esperar(A, 0)
    assert mesa.suplidos == 0


def test_sin_hilo_que_pregunte_lo_intenta_el_siguiente(mesa: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system without threads to give breaks no wait, and whoever comes next has somebody ask."""

    def no_hay(_hilo: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as parche:
        parche.setattr(threading.Thread, "start", no_hay)
        # `esperar` returns at once here: its time is over when it comes.
        assert not mesa.espera.esperar(A, 0)
    mesa.base.terminados = {B}
    [futuro] = mesa.esperar(B)
    mesa.tiempo.siguiente(2)
    assert futuro.result(PACIENCIA_S)

"""A loop's thread tells whether it works, since when not, and why; waiting for facts, never for times."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from aeropartners.arranque.cli.servir import parar
from aeropartners.arranque.proceso import hilos
from aeropartners.arranque.proceso.hilos import Hilo
from aeropartners.arranque.proceso.metricas_bucles import MetricasBucles
from aeropartners.seedwork.aplicacion.bucles.bucle import Ronda
from tests.esperas import hasta


class Trabajo:
    """Rounds that fail while a test says so, and that hang until it lets them go."""

    def __init__(self) -> None:
        self.fallo: Exception | None = None
        self.suelto = threading.Event()
        self.suelto.set()
        self.rondas = 0

    def una_ronda(self) -> int:
        """One round."""
        self.suelto.wait()
        if self.fallo:
            raise self.fallo
        self.rondas += 1
        return 0


@contextmanager
def corriendo(trabajo: Trabajo) -> Iterator[Hilo]:
    """A thread over it."""
    hilo = Hilo("prueba", lambda: Ronda(trabajo.una_ronda), pausa_s=0.01)
    hilo.empezar()
    try:
        yield hilo
    finally:
        trabajo.suelto.set()
        hilo.parar()
        assert hilo.esperar(30)


def medidas(hilo: Hilo) -> dict[str, float]:
    """What the metrics say of it."""
    return {s.name: s.value for familia in MetricasBucles([hilo]).collect() for s in familia.samples}


def test_antes_de_su_primera_ronda_no_trabaja() -> None:
    """A thread that has not begun is not ready, and says so."""
    averia = Hilo("prueba", lambda: Ronda(lambda: 0)).averia
    assert averia
    assert averia.error == "todavía no ha dado una ronda"


def test_la_averia_dura_desde_la_primera_caida() -> None:
    """Failures in a row have one beginning and the newest reason; a good round ends them."""
    trabajo = Trabajo()
    with corriendo(trabajo) as hilo:
        hasta(lambda: hilo.averia is None, "una ronda buena")
        trabajo.fallo = ValueError("uno")
        primera = hasta(lambda: hilo.averia, "la primera caída")
        trabajo.fallo = ValueError("dos")
        segunda = hasta(lambda: (a := hilo.averia) and "dos" in a.error and a, "otra caída")
        assert (primera.error, segunda.error) == ("ValueError: uno", "ValueError: dos")
        assert segunda.desde == primera.desde
        caidas = hilo.caidas
        assert medidas(hilo)["loop_up"] == 0
        trabajo.fallo = None
        hasta(lambda: hilo.averia is None, "el bucle rehecho")
        assert medidas(hilo)["loop_failures_total"] >= caidas >= 2
        assert medidas(hilo)["loop_up"] == 1
        trabajo.fallo = ValueError("tres")
        tercera = hasta(lambda: hilo.averia, "una caída nueva")
        assert tercera.desde > primera.desde


def test_una_caida_que_sigue_se_dice_una_vez(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same failure over and over is one line; another one is told, and so is the end of it."""
    monkeypatch.setattr(hilos, "ESPERA_MINIMA_S", 0.0)
    monkeypatch.setattr(hilos, "ESPERA_MAXIMA_S", 0.0)
    trabajo = Trabajo()
    trabajo.fallo = ValueError("uno")
    with capture_logs() as dichos, corriendo(trabajo) as hilo:
        hasta(lambda: hilo.caidas > 50, "muchas caídas")
        trabajo.fallo = ValueError("dos")
        hasta(lambda: any("dos" in d["error"] for d in dichos), "otra caída")
        trabajo.fallo = None
        hasta(lambda: hilo.averia is None, "el bucle rehecho")
    assert [d.get("error", "") for d in dichos] == ["ValueError: uno", "ValueError: dos", ""]
    assert [d["event"] for d in dichos] == ["bucle_caido", "bucle_caido", "bucle_rehecho"]


def test_una_ronda_que_no_termina_se_nota(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that hangs has raised nothing: it is found by the age of its last round."""
    monkeypatch.setattr(hilos, "COLGADO_S", 0.0)
    trabajo = Trabajo()
    with corriendo(trabajo) as hilo:
        hasta(lambda: trabajo.rondas, "una ronda")
        trabajo.suelto.clear()
        averia = hasta(lambda: hilo.averia, "la ronda colgada")
        assert "su ronda no termina" in averia.error
        antes = medidas(hilo)["loop_lag_seconds"]
        hasta(lambda: medidas(hilo)["loop_lag_seconds"] > antes, "un atraso que crece")


def test_la_pausa_propia_no_es_atraso() -> None:
    """A loop that rests for an hour after each round is not late while it rests."""
    hilo = Hilo("prueba", lambda: Ronda(lambda: 0), pausa_s=3600)
    hilo.empezar()
    hasta(lambda: hilo.averia is None, "su primera ronda")
    assert hilo.tardanza_s == 0
    hilo.parar()
    assert hilo.esperar(30)


def test_el_drenaje_empieza_por_lo_que_dura() -> None:
    """Streams and waits end before the server waits for its tasks, and the loops after both."""
    hechos: list[str] = []

    class Pieza:
        def __getattr__(self, nombre: str) -> Callable[[], bool]:
            return lambda: not hechos.append(nombre)

    pieza: Any = Pieza()
    assert parar([pieza], pieza)
    assert hechos == ["soltar_lo_que_dura", "parar", "parar"]

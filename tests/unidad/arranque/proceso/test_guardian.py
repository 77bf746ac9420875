"""A loop whose round does not end ends its process: with code 70, and with what every thread was doing."""

import json
import subprocess
import sys
import threading

import pytest
from structlog.testing import capture_logs

from aeropartners.arranque.proceso import guardian
from aeropartners.arranque.proceso.guardian import CODIGO, MIRAR_S, RONDA_MAXIMA_S, Guardian
from aeropartners.arranque.proceso.hilos import Hilo
from aeropartners.seedwork.aplicacion.bucles.bucle import Ronda
from tests.dobles.relojes import Cronometro
from tests.esperas import hasta

COLGADO = """
import threading
from aeropartners.arranque.proceso import guardian
from aeropartners.arranque.proceso import registro
from aeropartners.arranque.proceso.hilos import Hilo
from aeropartners.seedwork.aplicacion.bucles.bucle import Ronda
registro.configurar()
guardian.RONDA_MAXIMA_S = 0.2
guardian.MIRAR_S = 0.05
def ronda_que_no_acaba():
    threading.Event().wait()
hilo = Hilo("consumidor-pagos", lambda: Ronda(ronda_que_no_acaba), vital=True)
hilo.empezar()
guardian.Guardian([hilo]).empezar()
threading.Event().wait()
"""


def mirado(hilo: Hilo, veces: int, paso: float = MIRAR_S) -> bool:
    """Whether a guardian that looks so often finds that it hangs."""
    cronometro = Cronometro()
    el = Guardian([hilo], lambda: None, cronometro)
    for _ in range(veces):
        cronometro.segundos += paso
        if el.mirar():
            return True
    return False


@pytest.mark.parametrize(
    ("vital", "ronda", "cuelga"), [(True, 5.0, True), (False, 5.0, False), (True, None, False)]
)
def test_solo_una_ronda_vital_que_no_acaba(
    monkeypatch: pytest.MonkeyPatch, vital: bool, ronda: float | None, cuelga: bool
) -> None:
    """Upkeep may last, and between two rounds nothing does; what hangs is told with the stacks."""
    hilo = Hilo("prueba", lambda: Ronda(lambda: 0), vital=vital)
    monkeypatch.setattr(hilo, "_trabaja_desde", ronda)
    veces = round(RONDA_MAXIMA_S / MIRAR_S)
    assert not mirado(hilo, veces)
    with capture_logs() as dichos:
        assert mirado(hilo, veces + 2) is cuelga
    if cuelga:
        [dicho] = dichos
        assert (dicho["event"], dicho["bucle"], dicho["log_level"]) == ("bucle_colgado", "prueba", "critical")
        assert any("MainThread" in nombre for nombre in dicho["pilas"])


def test_un_proceso_parado_entero_no_se_ha_colgado(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped for an hour and let go on: nobody looked, so nobody hung."""
    hilo = Hilo("prueba", lambda: Ronda(lambda: 0), vital=True)
    monkeypatch.setattr(hilo, "_trabaja_desde", 5.0)
    assert not mirado(hilo, 3, paso=3600)


def test_rondas_que_acaban_no_se_suman(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each one counts by itself."""
    hilo, cronometro = Hilo("prueba", lambda: Ronda(lambda: 0), vital=True), Cronometro()
    el = Guardian([hilo], lambda: None, cronometro)
    for n in range(1_000):
        monkeypatch.setattr(hilo, "_trabaja_desde", float(n // 100))
        cronometro.segundos += MIRAR_S
        assert not el.mirar()


def test_el_proceso_termina_con_su_codigo_y_sus_pilas() -> None:
    """Without waiting for the loop that hangs; one line of JSON says which it was, and where it stands."""
    hecho = subprocess.run([sys.executable, "-c", COLGADO], capture_output=True, text=True, timeout=60)
    assert hecho.returncode == CODIGO == 70
    [linea] = hecho.stderr.splitlines()
    dicho = json.loads(linea)
    assert (dicho["event"], dicho["bucle"]) == ("bucle_colgado", "consumidor-pagos")
    [pila] = [pila for nombre, pila in dicho["pilas"].items() if nombre.startswith("consumidor-pagos")]
    assert any("ronda_que_no_acaba" in marco for marco in pila)


def test_una_ronda_empieza_y_acaba() -> None:
    """A loop says since when its round lasts, and that it is between two."""
    suelto, dentro = threading.Event(), threading.Event()

    def ronda() -> int:
        dentro.set()
        suelto.wait()
        return 0

    hilo = Hilo("prueba", lambda: Ronda(ronda), pausa_s=3600)
    assert hilo.ronda is None
    hilo.empezar()
    assert dentro.wait(30)
    assert hilo.ronda is not None
    suelto.set()
    hasta(lambda: hilo.ronda is None, "el fin de la ronda")
    hilo.parar()
    assert hilo.esperar(30)


def test_el_guardian_para(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that stops cleanly is not ended by it."""
    salidas: list[int] = []
    monkeypatch.setattr(guardian, "MIRAR_S", 0.01)
    el = Guardian([], lambda: salidas.append(1))
    el.empezar()
    el.parar()
    assert not el._hilo.is_alive()
    assert salidas == []

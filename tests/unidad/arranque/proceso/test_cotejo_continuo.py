"""The continuous cotejo goes through what is old at its own pace, and yet it comes where all is slow."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from aeropartners.arranque.proceso import cotejo_continuo
from aeropartners.arranque.proceso.cotejo_continuo import CotejoContinuo
from saga_orchestrator.cotejo.aplicacion.cotejo import Cotejo


class CotejoLento:
    """A cotejo each of whose sweeps takes `tarda_s`, and the time that goes by meanwhile."""

    al_dia = True
    indecisas = 0
    retraso_s = 0.0
    nuevos: tuple[()] = ()

    def __init__(self, tarda_s: float) -> None:
        self.s = 1_000.0
        self.tarda_s = tarda_s
        self.barridos: list[float] = []

    def monotonic(self) -> float:
        return self.s

    def una_ronda(self, *, barrer: bool) -> list[Any]:
        if barrer:
            self.barridos.append(self.s)
            self.s += self.tarda_s
        return []


@pytest.mark.parametrize(("tarda_s", "cada_s"), [(0.01, 5), (0.1, 10), (3, 20)])
def test_lo_viejo_llega_a_su_paso(tarda_s: float, cada_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every 5 s, or a hundredth of the time, and every 20 s at the latest."""
    reloj = CotejoLento(tarda_s)
    monkeypatch.setattr(cotejo_continuo, "time", reloj)
    continuo = CotejoContinuo(cast(Cotejo, reloj), cast(Any, SimpleNamespace()), print)
    while len(reloj.barridos) < 3:
        continuo._ronda()
        reloj.s = round(reloj.s + 0.1, 6)
    uno, otro, tercero = reloj.barridos
    assert otro - uno == pytest.approx(cada_s, abs=0.2)
    assert tercero - otro == pytest.approx(cada_s, abs=0.2)

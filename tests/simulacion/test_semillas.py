"""Five hundred fixed seeds: no schedule breaks a promise, and none of the faults is missing from them."""

import pytest

from aeropartners.simulacion.ejercicio import Ejercicio
from aeropartners.simulacion.informe import historia, opciones
from aeropartners.simulacion.serie import Hechas, Sala
from tests.simulacion.repertorio import EXIGIDO, REPERTORIO

SEMILLAS = range(1, 501)


@pytest.fixture(scope="module")
def hechas() -> Hechas:
    """All of them, played once."""
    return Sala(REPERTORIO).tanda(SEMILLAS)


def test_ninguna_semilla_falla(hechas: Hechas) -> None:
    """Every schedule ends with nothing lost, nothing twice, and each saga where the reference says."""
    if hechas.fallidas:
        plan = REPERTORIO.plan(min(hechas.fallidas))
        relato = historia(REPERTORIO, plan, lambda p: f"python -m tests.simulacion {opciones(p)}")
        raise AssertionError(f"fallan {sorted(hechas.fallidas)}\n{relato}")
    assert hechas.cuantas == len(SEMILLAS)


@pytest.mark.parametrize("grupo", [g for g in EXIGIDO if g != "muertes en un punto"])
def test_todo_ocurrio(hechas: Hechas, grupo: str) -> None:
    """What was never exercised was not tried: each fault, answer and state occurs among them."""
    ejercicio = Ejercicio()
    ejercicio.sumar(hechas.ejercicio)
    assert ejercicio.faltan({grupo: EXIGIDO[grupo]}) == []


def test_lo_que_no_ocurre_se_echa_en_falta() -> None:
    """A fault that never happens is named."""
    ejercicio = Ejercicio()
    ejercicio.anotar("faltas", "una")
    assert ejercicio.faltan({"faltas": ("una", "otra")}) == ["faltas: otra"]

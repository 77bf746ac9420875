"""A seed is the whole of a schedule: whoever plays it sees the same."""

import os
import subprocess
import sys

import pytest

from aeropartners.simulacion.plan import recortado
from aeropartners.simulacion.serie import Sala
from tests.simulacion.repertorio import REPERTORIO

CUALQUIERA, DE_CAMPANAS, DE_PEDIDOS, DE_PARTNERS = 13, 12, 14, 15


def contar(semilla: int, azar_de_python: str) -> str:
    orden = [sys.executable, "-m", "tests.simulacion", "--semilla", str(semilla)]
    entorno = {**os.environ, "PYTHONHASHSEED": azar_de_python}
    return subprocess.run(orden, env=entorno, capture_output=True, text=True, check=True, timeout=100).stdout


@pytest.mark.parametrize("semilla", [CUALQUIERA, DE_CAMPANAS, DE_PEDIDOS, DE_PARTNERS])
def test_dos_procesos_cuentan_lo_mismo(semilla: int) -> None:
    """The story of a seed is the same to the letter in another process, whatever its hashes are."""
    relato = contar(semilla, "1")
    assert relato == contar(semilla, "2")
    assert len(relato.splitlines()) > 20


# Plays a seed twice: by the machine's stopwatch, and by one that leaps up to 100 s each time it is read.
_A_SALTOS = """
import random, sys, time
de_verdad, azar, salto = time.monotonic, random.Random(1), 0.0
desde = 0.0
def a_saltos():
    global desde
    desde += salto * azar.random()
    return de_verdad() + desde
time.monotonic = a_saltos
from aeropartners.simulacion.serie import Sala
from tests.simulacion.repertorio import REPERTORIO
for semilla in map(int, sys.argv[1:]):
    relatos = []
    for salto in (0.0, 100.0):
        sala = Sala(REPERTORIO)
        relatos.append(sala.jugar(sala.plan(semilla)).relato)
    print(semilla, relatos[0] == relatos[1])
"""


def test_el_cronometro_de_la_maquina_no_importa() -> None:
    """A slow machine plays a seed as a quick one does: no moment of a schedule is read off the machine."""
    semillas = ["1", "13", "34"]
    orden = [sys.executable, "-c", _A_SALTOS, *semillas]
    visto = subprocess.run(orden, capture_output=True, text=True, check=True, timeout=300).stdout
    assert visto.splitlines() == [f"{semilla} True" for semilla in semillas]


def test_lo_jugado_antes_no_importa() -> None:
    """A schedule is the same after others on the same base."""
    sala = Sala(REPERTORIO)
    primero = sala.jugar(sala.plan(CUALQUIERA)).relato
    sala.tanda(range(1, 5))
    assert sala.jugar(sala.plan(CUALQUIERA)).relato == primero


def test_una_parte_se_juega_por_sus_numeros() -> None:
    """The turns, sagas and copies that are named are all that is played."""
    sala = Sala(REPERTORIO)
    plan = recortado(sala.plan(CUALQUIERA), (0, 1, 2), (1,), (1, 1), (1,))
    assert [n for n, _ in plan.acciones] == [0, 1, 2]
    resultado = sala.jugar(plan)
    assert not resultado.violaciones
    assert resultado.ejercicio.cuentas["sagas"] == {"COMPLETADA": 1}

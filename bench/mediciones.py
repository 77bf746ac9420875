"""The measurements by name: each runs its systems, alternates what it compares, and notes its results."""

import os
from collections.abc import Callable

from bench import corridas, suelo
from bench.banco import Banco
from bench.pares import PARES, correr
from bench.pares.entornos import Omitido
from bench.resumen import mediana
from bench.sistema import sistema

RITMOS = (10.0, 300.0)
CUOTA = 0.7


def maximo(b: Banco) -> None:
    """The most, and the floor of its rows and messages."""
    for vez in range(b.o.veces):
        with b.tarea(f"máximo {vez + 1}", b.o.sagas) as avance, sistema() as s:
            b.anotar("maximo", corridas.maximo(s, b.o.sagas, b.o.plazo, avance))
            b.anotar("suelo", suelo.medir(s, b.o.sagas // 2, b.o.plazo))


def rechazadas(b: Banco) -> None:
    """The most, of sagas that are undone."""
    with b.tarea("rechazadas", b.o.sagas) as avance, sistema() as s:
        b.anotar("rechazadas", corridas.maximo(s, b.o.sagas, b.o.plazo, avance, rechazadas=True))


def http(b: Banco) -> None:
    """Sagas started over HTTP."""
    servicios = ("orquestador", "modulos", "bff")
    for vez in range(b.o.veces):
        with b.tarea(f"HTTP {vez + 1}", b.o.sagas // 2) as avance, sistema(servicios) as s:
            b.anotar("http", corridas.http(s, b.o.sagas // 2, b.o.plazo, avance))


def ritmo(b: Banco) -> None:
    """The whole time of a saga at fixed rates, and at a share of the maximum."""
    nuestro = mediana(b.resultados, "maximo", "sagas_por_s")
    por_s: list[tuple[float, str]] = [(r, "") for r in RITMOS]
    if nuestro:
        por_s.append((round(CUOTA * nuestro, 1), f"{CUOTA:.0%}".replace("%", " %")))
    for cuantas, cuota in por_s:
        with b.tarea(f"{cuantas:g}/s", int(cuantas * b.o.segundos)) as avance, sistema() as s:
            hecha = corridas.a_ritmo(s, cuantas, b.o.segundos, b.o.plazo, avance)
            b.anotar("ritmo", {**hecha, "cuota": cuota})


def pares(b: Banco) -> None:
    """The peers, each variant; and of sagas that are undone."""
    for rechazada in (False, True):
        for par in PARES:
            try:
                with b.tarea(" ".join(par), 1):
                    hecha = correr(par, os.environ["DATABASE_URL"], b.o.sagas_par, rechazada)
            except Omitido as error:
                b.decir(f"{' '.join(par)}: {error}")
            else:
                b.anotar("par", hecha)


MEDICIONES: dict[str, Callable[[Banco], None]] = {
    "maximo": maximo,
    "rechazadas": rechazadas,
    "http": http,
    "ritmo": ritmo,
    "pares": pares,
}

"""The measurements by name: each runs its systems, alternates what it compares, and notes its results."""

import os
from collections.abc import Callable

from bench import (
    corridas,
    cotejo,
    crecimiento,
    embebido,
    escala,
    espera,
    hinchazon,
    inundacion,
    memoria,
    pedidos,
    reconstruccion,
    suelo,
)
from bench.bloc import Bloc
from bench.pares import PARES, correr
from bench.pares.entornos import Omitido
from bench.resumen import mediana
from bench.sistema import CAMPANAS, CON_BUCLES, sistema

RITMOS = (10.0, 300.0)
CUOTA = 0.7
# What the bloat is measured at when the maximum is not known; and the writers beside a rebuild.
POR_S, DESPACIO = 250.0, 10.0
# What is doubled in a flood when the maximum over HTTP is not known.
POR_S_HTTP = 120.0
CON_BFF = (*CON_BUCLES, CAMPANAS.puerta)
VECES_FORMA = 2
# Measured: the broker took 720 µs of each saga after 15,000 of them, and 330 to 400 after 60,000.
SAGAS_PREVIAS = 40_000
SIN_BROKER = frozenset({"embebido", "pares"})


def despertar(b: Bloc) -> None:
    """Run sagas that nobody counts: a broker that was just started spends its time on compiling itself."""
    with b.tarea("el broker se calienta", SAGAS_PREVIAS) as avance, sistema() as s:
        corridas.maximo(s, SAGAS_PREVIAS, b.o.plazo, avance)


def maximo(b: Bloc) -> None:
    """The most, and the floor of its rows and messages."""
    for vez in range(b.o.veces):
        with b.tarea(f"máximo {vez + 1}", b.o.sagas) as avance, sistema() as s:
            b.anotar("maximo", corridas.maximo(s, b.o.sagas, b.o.plazo, avance))
            b.anotar("suelo", suelo.medir(s, b.o.sagas // 2, b.o.plazo))


def rechazadas(b: Bloc) -> None:
    """The most, of sagas that are undone."""
    with b.tarea("rechazadas", b.o.sagas) as avance, sistema() as s:
        b.anotar("rechazadas", corridas.maximo(s, b.o.sagas, b.o.plazo, avance, rechazadas=True))


def http(b: Bloc) -> None:
    """Sagas started over HTTP."""
    for vez in range(b.o.veces):
        with b.tarea(f"HTTP {vez + 1}", b.o.sagas // 2) as avance, sistema(CON_BFF) as s:
            b.anotar("http", corridas.http(s, b.o.sagas // 2, b.o.plazo, avance))


def ritmo(b: Bloc) -> None:
    """The whole time of a saga at fixed rates, and at a share of the maximum."""
    nuestro = mediana(b.resultados, "maximo", "sagas_por_s")
    por_s: list[tuple[float, str]] = [(r, "") for r in RITMOS]
    if nuestro:
        por_s.append((round(CUOTA * nuestro, 1), f"{CUOTA:.0%}".replace("%", " %")))
    for cuantas, cuota in por_s:
        with b.tarea(f"{cuantas:g}/s", int(cuantas * b.o.segundos)) as avance, sistema() as s:
            hecha = corridas.a_ritmo(s, cuantas, b.o.segundos, b.o.plazo, avance)
            b.anotar("ritmo", {**hecha, "cuota": cuota})


def pares(b: Bloc) -> None:
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


def inundar(b: Bloc) -> None:
    """Starts over HTTP at twice the rate that the system can do."""
    por_s = mediana(b.resultados, "http", "sagas_por_s") or POR_S_HTTP
    with b.tarea(f"inundación a {2 * por_s:g}/s", 1), sistema(CON_BFF) as s:
        b.anotar("inundacion", inundacion.medir(s, por_s, b.o.segundos, b.o.plazo))


def crecer(b: Bloc) -> None:
    """The most with a long history in the tables, beside the most without."""
    for hecha in crecimiento.medir(b, b.o.terminadas, b.o.sagas, b.o.veces, b.o.plazo):
        b.anotar("crecimiento", hecha)


def esperar(b: Bloc) -> None:
    """Claims, and the most, while very many sagas wait."""
    b.anotar("espera", espera.medir(b, b.o.esperando, b.o.reclamos, b.o.sagas, b.o.plazo))


def escalar(b: Bloc) -> None:
    """The most with more partitions and processes."""
    for hecha in escala.formas(b, b.o.sagas, min(b.o.veces, VECES_FORMA), b.o.plazo):
        b.anotar("escala", hecha)


def calentar(b: Bloc) -> None:
    """The most with one hot key, beside many keys."""
    for hecha in escala.clave_caliente(b, b.o.sagas, b.o.veces, b.o.plazo):
        b.anotar("caliente", hecha)


def embeber(b: Bloc) -> None:
    """The embedded system."""
    for _ in range(b.o.veces):
        b.anotar("embebido", embebido.medir(b, b.o.sagas_embebido, b.o.plazo))


def recordar(b: Bloc) -> None:
    """The memory of the processes over very many sagas."""
    b.anotar("memoria", memoria.medir(b, b.o.sagas_memoria, b.o.plazo))


def hinchar(b: Bloc) -> None:
    """The rate beside a reader who holds a snapshot, and the tables after it."""
    por_s = b.o.por_s or round(CUOTA * (mediana(b.resultados, "maximo", "sagas_por_s") or POR_S), 1)
    b.anotar("hinchazon", hinchazon.medir(b, por_s, b.o.segundos, b.o.lector, b.o.plazo))


def cotejar(b: Bloc) -> None:
    """The most with the cotejo beside it, and without."""
    for hecha in cotejo.medir(b, b.o.sagas, b.o.veces, b.o.plazo):
        b.anotar("auditor", hecha)


def reconstruir(b: Bloc) -> None:
    """The totals counted again from very many events."""
    b.anotar("reconstruccion", reconstruccion.medir(b, b.o.eventos, DESPACIO, b.o.plazo))


def pedir(b: Bloc) -> None:
    """Orders, whose clients wait for the end, beside campaigns."""
    for hecha in pedidos.medir(b):
        b.anotar("pedidos", hecha)


MEDICIONES: dict[str, Callable[[Bloc], None]] = {
    "maximo": maximo,
    "rechazadas": rechazadas,
    "http": http,
    "ritmo": ritmo,
    "inundacion": inundar,
    "embebido": embeber,
    "crecimiento": crecer,
    "espera": esperar,
    "escala": escalar,
    "caliente": calentar,
    "memoria": recordar,
    "hinchazon": hinchar,
    "reconstruccion": reconstruir,
    "auditor": cotejar,
    "pedidos": pedir,
    "pares": pares,
}

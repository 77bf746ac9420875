"""The cost of the cotejo: the most without it and with it, alternated on one system.

Before each run it is brought up to date, so that it reads what that run writes and nothing older.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.arbol import ESTE
from bench.bloc import Bloc, Resultado
from bench.corridas import CALENTAR, maximo
from bench.sistema import PARAR_S, Sistema, sistema

PUERTO = "18092"
NOMBRE = "auditor"


def medir(b: Bloc, sagas: int, veces: int, plazo: float) -> Iterator[Resultado]:
    """Yield each run; with the cotejo also what it says at the end: all of them seen, nothing found."""
    previas = 0
    with sistema() as s:
        for vez in range(2 * veces):
            # A B B A A B: whatever one run leaves to the next falls on both.
            con_auditor = vez % 4 in (1, 2)
            nombre = f"{'con' if con_auditor else 'sin'} auditor {vez // 2 + 1}"
            _al_dia(s)
            with b.tarea(nombre, sagas) as avance, _cotejo(s, con_auditor):
                hecha = maximo(s, sagas, plazo, avance, previas=previas)
            previas += CALENTAR + sagas
            yield {"con_auditor": con_auditor, **hecha}
        _al_dia(s)


def _al_dia(s: Sistema) -> None:
    """Compare all there is, and fail if anything was found: the load is sound."""
    subprocess.run(
        [*ESTE.cli, "auditar", "--marca", _marca(s)], env=s.entorno, check=True, stdout=subprocess.DEVNULL
    )


@contextmanager
def _cotejo(s: Sistema, de_verdad: bool) -> Iterator[None]:
    """Run it beside the system, as one of the processes that are measured."""
    if not de_verdad:
        yield
        return
    with (s.registros / f"{NOMBRE}.log").open("ab") as registro:
        orden = [*ESTE.cli, "auditar", "--continuo", "--marca", _marca(s)]
        proceso = subprocess.Popen(orden, env={**s.entorno, "PORT": PUERTO}, stdout=registro, stderr=registro)
    s.procesos[NOMBRE] = proceso
    try:
        yield
    finally:
        del s.procesos[NOMBRE]
        proceso.terminate()
        proceso.wait(PARAR_S)


def _marca(s: Sistema) -> str:
    return str(Path(s.registros) / "auditoria.json")

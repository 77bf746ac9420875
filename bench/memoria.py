"""Memory: what each process holds at the start, when it is warm, and at the end of very many sagas."""

import time
from collections.abc import Sequence

from bench.bloc import Bloc, Resultado
from bench.carga import Emisor
from bench.comprobacion import comprobar, esperar
from bench.corridas import CALENTAR, callado, ritmo
from bench.residente import Memoria, residente
from bench.sistema import sistema

TANDAS = 20
# A process is warm after so much of the run.
CALIENTE = 0.1


def medir(b: Bloc, sagas: int, plazo: float) -> Resultado:
    """Start sagas in large bursts, the next when one is through, and sample the processes all the while."""
    with b.tarea(f"memoria, {sagas:,}", sagas) as avance, sistema() as s:
        conexion, emisor = s.conectar(), Emisor(s.espacio)
        al_empezar = residente(s.pids())
        desde = time.time()
        emisor.enviar(CALENTAR)
        esperar(conexion, CALENTAR, plazo, callado, desde)
        comienzo, hechas, fin = time.time(), 0, 0.0
        with Memoria(s.pids()) as memoria:
            for tanda in range(TANDAS):
                cuantas = sagas * (tanda + 1) // TANDAS - hechas
                lanzada = time.time()
                emisor.enviar(cuantas)
                fin = esperar(conexion, cuantas, plazo, callado, lanzada)
                hechas += cuantas
                avance(hechas)
        muestras = [vista for _, vista in memoria.vistas]
        emisor.cerrar()
        comprobar(conexion, CALENTAR + sagas, rechazadas=False)
        conexion.close()
    procesos = {n: [al_empezar[n], *_tres(muestras, n)] for n in al_empezar}
    return {
        **ritmo(sagas, comienzo, fin),
        "procesos_mib": procesos,
        "mayor_mib": max(mayor for _, _, _, mayor in procesos.values()),
        "crece": round(max(final / caliente for _, caliente, final, _ in procesos.values()), 3),
        "muestras": muestras,
    }


def _tres(muestras: Sequence[dict[str, float]], proceso: str) -> tuple[float, float, float]:
    """Return what a process held when it was warm, at the end, and at most."""
    suyas = [m[proceso] for m in muestras]
    return suyas[int(len(suyas) * CALIENTE)], suyas[-1], max(suyas)

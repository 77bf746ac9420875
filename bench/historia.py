"""A database with a history: a few real sagas, at rest, and so many copies of them."""

import math
import time
from typing import Any

from bench.carga import Emisor
from bench.comprobacion import Avance, SinCifra, comprobar, esperar
from bench.multiplicacion import multiplicar
from bench.sistema import procesos, uno

REALES = 2_000


def llenar(base: str, espacio: str, sagas: int, plazo: float, avance: Avance) -> int:
    """Run real sagas, copy them until there are at least `sagas` that ended, and return how many are."""
    reales = min(REALES, sagas)
    with procesos(base, espacio) as s:
        conexion, emisor = s.conectar(), Emisor(espacio)
        emisor.enviar(reales)
        esperar(conexion, reales, plazo, avance)
        emisor.cerrar()
        reposar(conexion, plazo)
    total = multiplicar(base, math.ceil(sagas / reales) - 1, avance)
    comprobar(conexion, total, rechazadas=False)
    conexion.close()
    return total


def reposar(conexion: Any, plazo: float) -> None:
    """Wait until what was written is published, and counted in the totals."""
    limite = time.monotonic() + plazo
    consulta = "SELECT (SELECT count(*) FROM salida) + (SELECT count(*) FROM totales_pendientes)"
    while quedan := uno(conexion, consulta):
        if time.monotonic() > limite:
            raise SinCifra(f"{quedan} filas de salida y totales_pendientes no se fueron en {plazo:g} s")
        time.sleep(0.2)

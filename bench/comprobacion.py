"""The checks without which a run has no figure: every effect is there, once."""

import time
from collections.abc import Callable
from typing import Any

from bench.pares.filas import SinCifra
from bench.sistema import uno

__all__ = ["SinCifra", "comprobar", "esperar", "esperar_hecho", "terminadas"]

Avance = Callable[[int], None]
MIRAR_S = 0.5

COMPLETAS = {
    "SELECT count(*) FROM sagas WHERE estado = 'COMPLETADA'": 1,
    "SELECT count(*) FROM campanas WHERE estado = 'BORRADOR'": 1,
    "SELECT count(*) FROM pagos WHERE estado = 'EXITOSO'": 1,
    "SELECT count(*) FROM pasarela_cargos WHERE exito AND operacion = 'COBRO'": 1,
    "SELECT count(*) FROM reportes": 1,
    "SELECT count(*) FROM muertos": 0,
}
RECHAZADAS = {
    "SELECT count(*) FROM sagas WHERE estado = 'COMPENSADA'": 1,
    "SELECT count(*) FROM campanas WHERE estado = 'CANCELADA'": 1,
    "SELECT count(*) FROM pagos WHERE estado = 'FALLIDO'": 1,
    "SELECT count(*) FROM pasarela_cargos WHERE exito": 0,
    "SELECT count(*) FROM reportes": 0,
    "SELECT count(*) FROM muertos": 0,
}


def comprobar(conexion: Any, sagas: int, rechazadas: bool) -> None:
    """Raise SinCifra unless all `sagas` that this database ever saw have each of their effects once."""
    for consulta, veces in (RECHAZADAS if rechazadas else COMPLETAS).items():
        if (hallado := uno(conexion, consulta)) != sagas * veces:
            raise SinCifra(f"{consulta} da {hallado}, no {sagas * veces}")


def terminadas(conexion: Any, desde: float = 0) -> int:
    """Return how many of the sagas that began at `desde` (seconds of the epoch) or later have ended."""
    desde_entonces = f"FROM sagas WHERE fecha_inicio >= to_timestamp({desde})"
    return int(uno(conexion, f"SELECT count(*) {desde_entonces} AND fecha_fin IS NOT NULL"))


def esperar(conexion: Any, sagas: int, plazo: float, avance: Avance, desde: float = 0) -> float:
    """Wait until so many that began at `desde` or later have ended; return when the last one did.

    Looking costs the database little: a tenth of the time at most.
    """
    limite = time.monotonic() + plazo
    while True:
        antes = time.monotonic()
        hechas = terminadas(conexion, desde)
        avance(hechas)
        if hechas >= sagas:
            break
        if antes > limite:
            raise SinCifra(f"{hechas} de {sagas} sagas en {plazo:g} s")
        time.sleep(max(MIRAR_S, 10 * (time.monotonic() - antes)))
    ultima = f"SELECT max(fecha_fin) FROM sagas WHERE fecha_inicio >= to_timestamp({desde})"
    return float(uno(conexion, f"SELECT extract(epoch FROM ({ultima}))"))


def esperar_hecho(hecho: Callable[[], bool], que: str, plazo: float) -> None:
    """Wait for a fact; when it does not come, say which."""
    limite = time.monotonic() + plazo
    while not hecho():
        if time.monotonic() > limite:
            raise SinCifra(f"no llegó en {plazo:g} s: {que}")
        time.sleep(MIRAR_S)

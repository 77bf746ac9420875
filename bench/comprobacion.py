"""The checks without which a run has no figure: every effect is there, once."""

from typing import Any

from bench.pares.filas import SinCifra
from bench.sistema import uno

__all__ = ["SinCifra", "comprobar", "terminadas"]

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


def terminadas(conexion: Any) -> int:
    """Return how many sagas have ended."""
    return int(uno(conexion, "SELECT count(*) FROM sagas WHERE fecha_fin IS NOT NULL"))

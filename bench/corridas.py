"""The runs: the maximum, started by command or over HTTP, and the whole time of a saga at a given rate."""

import time
from collections.abc import Callable, Sequence
from statistics import quantiles
from typing import Any

from bench.carga import Emisor, oyente, por_http
from bench.comprobacion import SinCifra, comprobar, terminadas
from bench.medidas import Medidor
from bench.sistema import Sistema, uno

Avance = Callable[[int], None]
CALENTAR = 1_500
MIRAR_S = 0.5


def maximo(s: Sistema, sagas: int, plazo: float, avance: Avance, rechazadas: bool = False) -> dict[str, Any]:
    """Start all at once by command; count those that ended from the tables.

    The first `CALENTAR` are not counted: the broker compiles its code with them, as a living one has.
    """
    conexion, emisor = s.conectar(), Emisor(s.espacio, rechazadas)
    emisor.enviar(CALENTAR)
    _esperar(conexion, CALENTAR, plazo, lambda _: None)
    medidor = Medidor(conexion, {n: p.pid for n, p in s.procesos.items()})
    comienzo = time.time()
    emisor.enviar(sagas)
    _esperar(conexion, CALENTAR + sagas, plazo, lambda n: avance(n - CALENTAR))
    fin = float(uno(conexion, "SELECT extract(epoch FROM max(fecha_fin)) FROM sagas"))
    coste = medidor.coste()
    emisor.cerrar()
    comprobar(conexion, CALENTAR + sagas, rechazadas)
    conexion.close()
    segundos = fin - comienzo
    return {
        "sagas": sagas,
        "segundos": round(segundos, 2),
        "sagas_por_s": round(sagas / segundos, 1),
        "memoria_mib": coste.memoria,
        **coste.por_saga(sagas),
    }


def http(s: Sistema, sagas: int, plazo: float, avance: Avance) -> dict[str, Any]:
    """Start over the BFF; the rate is of sagas that ended, from the first request on."""
    conexion = s.conectar()
    por_http(s.url("bff"), 200)
    _esperar(conexion, 200, plazo, lambda _: None)
    medidor = Medidor(conexion, {n: p.pid for n, p in s.procesos.items()})
    comienzo = time.time()
    tiempos = por_http(s.url("bff"), sagas)
    aceptadas = time.time() - comienzo
    _esperar(conexion, 200 + sagas, plazo, lambda n: avance(n - 200))
    fin = float(uno(conexion, "SELECT extract(epoch FROM max(fecha_fin)) FROM sagas"))
    coste = medidor.coste()
    comprobar(conexion, 200 + sagas, rechazadas=False)
    conexion.close()
    return {
        "sagas": sagas,
        "aceptadas_por_s": round(sagas / aceptadas, 1),
        "sagas_por_s": round(sagas / (fin - comienzo), 1),
        "respuesta_ms": _percentiles(tiempos),
        **coste.por_saga(sagas),
    }


def a_ritmo(s: Sistema, por_s: float, segundos: float, plazo: float, avance: Avance) -> dict[str, Any]:
    """Start so many a second; the time is from the sending of the command to hearing of the end."""
    conexion, emisor = s.conectar(), Emisor(s.espacio)
    emisor.enviar(CALENTAR)
    _esperar(conexion, CALENTAR, plazo, lambda _: None)
    emisor.salidas.clear()
    with oyente(s.espacio) as finales:
        medidor = Medidor(conexion, {n: p.pid for n, p in s.procesos.items()})
        total = emisor.a_ritmo(por_s, segundos)
        limite = time.monotonic() + plazo
        while not emisor.salidas.keys() <= finales.keys():
            avance(len(finales))
            if time.monotonic() > limite:
                raise SinCifra(f"{len(finales)} de {total} finales oídos")
            time.sleep(MIRAR_S)
        coste = medidor.coste()
        tiempos = [finales[saga] - salida for saga, salida in emisor.salidas.items()]
    emisor.cerrar()
    comprobar(conexion, CALENTAR + total, rechazadas=False)
    conexion.close()
    return {"por_s": por_s, "sagas": total, "saga_ms": _percentiles(tiempos), **coste.por_saga(total)}


def _esperar(conexion: Any, sagas: int, plazo: float, avance: Avance) -> None:
    limite = time.monotonic() + plazo
    while (hechas := terminadas(conexion)) < sagas:
        avance(hechas)
        if time.monotonic() > limite:
            raise SinCifra(f"{hechas} de {sagas} sagas en {plazo:g} s")
        time.sleep(MIRAR_S)


def _percentiles(tiempos: Sequence[float]) -> dict[str, float]:
    cortes = quantiles(tiempos, n=100)
    return {"p50": round(cortes[49] * 1000, 1), "p99": round(cortes[98] * 1000, 1)}

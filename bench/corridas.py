"""The runs: the maximum, started by command or over HTTP, and the whole time of a saga at a given rate."""

import time
from collections.abc import Sequence
from statistics import quantiles
from typing import Any

from bench.carga import AFILIADOS, JUNTAR_MS, NO_JUNTAR_MS, Emisor, oyente
from bench.cliente_http import por_http
from bench.comprobacion import MIRAR_S, Avance, SinCifra, comprobar, esperar
from bench.medidas import CALLADAS_S, Medidor
from bench.sistema import Sistema

CALENTAR = 1_500
CALENTAR_HTTP = 200
# Up to here a start is alone in its 10 ms.
POCAS_POR_S = 50


def callado(_hechas: int) -> None:
    """Show nothing of how far it is."""


def maximo(
    s: Sistema,
    sagas: int,
    plazo: float,
    avance: Avance,
    *,
    rechazadas: bool = False,
    previas: int = 0,
    afiliados: int = AFILIADOS,
) -> dict[str, Any]:
    """Start all at once by command; count those that ended from the tables.

    The first `CALENTAR` are not counted: the broker compiles its code with them, as a living one has.
    `previas` sagas had ended in these tables before; the checks of the effects include them.
    """
    conexion, emisor = s.conectar(), Emisor(s.espacio, rechazadas, afiliados)
    desde = time.time()
    emisor.enviar(CALENTAR)
    esperar(conexion, CALENTAR, plazo, callado, desde)
    medidor = Medidor(conexion, s.pids(), s.espacio)
    comienzo = time.time()
    emisor.enviar(sagas)
    fin = esperar(conexion, sagas, plazo, avance, comienzo)
    coste = medidor.coste()
    emisor.cerrar()
    comprobar(conexion, previas + CALENTAR + sagas, rechazadas)
    conexion.close()
    return {**ritmo(sagas, comienzo, fin), **coste.por_saga(sagas)}


def http(s: Sistema, sagas: int, plazo: float, avance: Avance) -> dict[str, Any]:
    """Start over the BFF; the rate is of sagas that ended, from the first request on."""
    conexion = s.conectar()
    desde = time.time()
    por_http(s.url("bff"), CALENTAR_HTTP)
    esperar(conexion, CALENTAR_HTTP, plazo, callado, desde)
    medidor = Medidor(conexion, s.pids(), s.espacio)
    comienzo = time.time()
    tiempos = por_http(s.url("bff"), sagas)
    aceptadas = time.time() - comienzo
    fin = esperar(conexion, sagas, plazo, avance, comienzo)
    coste = medidor.coste()
    comprobar(conexion, CALENTAR_HTTP + sagas, rechazadas=False)
    conexion.close()
    return {
        **ritmo(sagas, comienzo, fin),
        "aceptadas_por_s": round(sagas / aceptadas, 1),
        "respuesta_ms": percentiles(tiempos),
        **coste.por_saga(sagas),
    }


def a_ritmo(s: Sistema, por_s: float, segundos: float, plazo: float, avance: Avance) -> dict[str, Any]:
    """Start so many a second; the time is from the sending of the command to hearing of the end."""
    conexion = s.conectar()
    emisor = Emisor(s.espacio, juntar_ms=NO_JUNTAR_MS if por_s <= POCAS_POR_S else JUNTAR_MS)
    desde = time.time()
    emisor.enviar(CALENTAR)
    esperar(conexion, CALENTAR, plazo, callado, desde)
    emisor.salidas.clear()
    with oyente(s.espacio) as finales:
        # Few sagas: what the sessions had not yet said of those before would be many rows of each.
        medidor = Medidor(conexion, s.pids(), s.espacio, CALLADAS_S)
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
    return {"por_s": por_s, "sagas": total, "saga_ms": percentiles(tiempos), **coste.por_saga(total)}


def ritmo(sagas: int, desde: float, hasta: float) -> dict[str, Any]:
    """Return how many there were, in what time, and how many a second."""
    segundos = hasta - desde
    return {
        "sagas": sagas,
        "segundos": round(segundos, 2),
        "sagas_por_s": round(sagas / segundos, 1),
    }


def percentiles(tiempos: Sequence[float]) -> dict[str, float]:
    """Return the median and the 99th percentile of seconds, in milliseconds."""
    cortes = quantiles(tiempos, n=100)
    return {"p50": round(cortes[49] * 1000, 2), "p99": round(cortes[98] * 1000, 2)}

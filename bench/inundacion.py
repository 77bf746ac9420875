"""The flood: starts at twice the rate that the system can do, and what becomes of it and of its clients.

Open loop: a start leaves when its time has come, however slow the answers are.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from statistics import median, quantiles
from typing import Any

from bench.cliente_http import Cliente, Inicio, por_http
from bench.comprobacion import SinCifra, comprobar, terminadas
from bench.residente import Memoria
from bench.sistema import CAMPANAS, CON_BUCLES, Sistema, sistema, uno

CALENTAR = 200
SONDEO_S, SONDAS = 0.5, 20
DESPUES_S = 30.0
# As many probes in a row have the latency of before: one alone may be lucky.
SEGUIDAS = 3


async def a_ritmo(cliente: Cliente, por_s: float, cuantos: int) -> list[Inicio]:
    """Start so many, evenly; return when all are answered."""
    comienzo, salidos = time.time(), list[Awaitable[Inicio]]()
    for numero in range(cuantos):
        debido = comienzo + numero / por_s
        if (falta := debido - time.time()) > 0:
            await asyncio.sleep(falta)
        salidos.append(asyncio.ensure_future(cliente.iniciar(numero, debido)))
    return list(await asyncio.gather(*salidos))


async def _todo(url: str, por_s: float, segundos: float) -> dict[str, list[Inicio]]:
    """Probe before, flood at twice the rate and go on probing, probe after."""
    cliente, ritmo = Cliente(url), 2 * por_s
    antes = await a_ritmo(cliente, 1 / SONDEO_S, SONDAS)
    durante, inundacion = await asyncio.gather(
        a_ritmo(cliente, 1 / SONDEO_S, int(segundos / SONDEO_S)),
        a_ritmo(cliente, ritmo, int(ritmo * segundos)),
    )
    despues = await a_ritmo(cliente, 1 / SONDEO_S, int(DESPUES_S / SONDEO_S))
    cliente.cerrar()
    return {"antes": antes, "inundacion": inundacion, "durante": durante, "despues": despues}


def medir(s: Sistema, por_s: float, segundos: float, plazo: float) -> dict[str, Any]:
    """Flood with twice `por_s` for so many seconds; raise SinCifra unless what was accepted is done, once."""
    conexion = s.conectar()
    por_http(s.url("bff"), CALENTAR)
    _esperar(conexion, CALENTAR, plazo)
    with Memoria({n: p.pid for n, p in s.procesos.items()}) as memoria:
        fases = asyncio.run(_todo(s.url("bff"), por_s, segundos))
    inicios = [i for fase in fases.values() for i in fase]
    _exigir_contestados(inicios)
    aceptados = [i for i in inicios if i.estado == 200]
    _esperar(conexion, CALENTAR + len(aceptados), plazo)
    comprobar(conexion, CALENTAR + len(aceptados), rechazadas=False)
    tiempos = _tiempos(conexion, aceptados)
    conexion.close()
    comienzo, fin = fases["inundacion"][0].debido, fases["inundacion"][-1].debido
    return {
        "por_s": 2 * por_s,
        "segundos": segundos,
        "estados": dict(Counter(i.estado for i in fases["inundacion"])),
        "aceptadas_por_s": round(sum(i.estado == 200 for i in fases["inundacion"]) / segundos, 1),
        "respuesta_ms": {
            estado: _cortes([i.contestado - i.debido for i in fases["inundacion"] if i.estado == estado])
            for estado in (200, 429)
        },
        "saga_ms": {f: _cortes([tiempos[i.saga_id] for i in v if i.saga_id]) for f, v in fases.items()},
        "sondas_rechazadas": {
            f: sum(i.estado == 429 for i in v) for f, v in fases.items() if f != "inundacion"
        },
        "recuperada_s": _recuperada(fases, tiempos, fin),
        "memoria_mib": memoria.entre(comienzo, fin),
    }


def _exigir_contestados(inicios: Sequence[Inicio]) -> None:
    if otros := [i for i in inicios if i.estado not in (200, 429)]:
        raise SinCifra(
            f"{len(otros)} ni aceptados ni rechazados: {Counter((i.estado, i.vuelta_s) for i in otros)}"
        )
    if mudos := [i for i in inicios if i.estado == 429 and not i.vuelta_s.isdigit()]:
        raise SinCifra(f"{len(mudos)} rechazados sin Retry-After")


def _tiempos(conexion: Any, aceptados: Sequence[Inicio]) -> dict[str, float]:
    """Return the whole time of each saga, from the moment its start was due."""
    with conexion.cursor() as cursor:
        cursor.execute("SELECT CAST(id AS text), CAST(extract(epoch FROM fecha_fin) AS float) FROM sagas")
        finales = dict(cursor.fetchall())
    return {i.saga_id: finales[i.saga_id] - i.debido for i in aceptados}


def _recuperada(fases: dict[str, list[Inicio]], tiempos: dict[str, float], fin: float) -> float | None:
    """Return after how many seconds probes took at most twice what they took before; None: not in time."""
    limite = 2 * median(tiempos[i.saga_id] for i in fases["antes"] if i.saga_id)
    sondas = fases["despues"]
    buenas = [bool(i.saga_id) and tiempos[i.saga_id] <= limite for i in sondas]
    for lugar, sonda in enumerate(sondas[: 1 - SEGUIDAS]):
        if all(buenas[lugar : lugar + SEGUIDAS]):
            return round(sonda.debido - fin, 1)
    return None


def _esperar(conexion: Any, sagas: int, plazo: float) -> None:
    limite = time.monotonic() + plazo
    while (hechas := terminadas(conexion)) < sagas:
        if time.monotonic() > limite:
            hay = uno(conexion, "SELECT count(*) FROM sagas")
            raise SinCifra(f"{hechas} de {sagas} sagas terminadas en {plazo:g} s; empezadas {hay}")
        time.sleep(SONDEO_S)


def _cortes(tiempos: Sequence[float]) -> dict[str, float] | None:
    if len(tiempos) < 2:
        return None
    cortes = quantiles(tiempos, n=100)
    return {"p50": round(cortes[49] * 1000, 1), "p99": round(cortes[98] * 1000, 1)}


if __name__ == "__main__":
    with sistema((*CON_BUCLES, CAMPANAS.puerta)) as nuestro:
        medida = medir(nuestro, float(sys.argv[1]), float(sys.argv[2]), plazo=120)
    print(json.dumps(medida, ensure_ascii=False, indent=1))

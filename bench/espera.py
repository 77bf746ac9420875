"""Claims of due deadlines, and the maximum, while very many sagas wait in the tables."""

import math
import time
from typing import Any

from aeropartners.arranque.config import leer
from aeropartners.arranque.contenedor import Contenedor
from aeropartners.seedwork.aplicacion.bucles.vigilante import MAXIMO
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from bench import corridas
from bench.bloc import Bloc, Resultado
from bench.carga import Emisor
from bench.comprobacion import SinCifra, esperar_hecho, terminadas
from bench.historia import reposar
from bench.multiplicacion import multiplicar
from bench.sistema import Sistema, base_y_espacio, procesos, uno

REALES = 200
# One claim in so many finds so many that are due.
CADA, VENCEN = 10, 20
AJUSTES = {"SAGA_STEP_TIMEOUT_S": "86400", "SAGA_TIMEOUT_MINUTOS": "10080"}
# Deadlines of a living system lie all over the time to come.
_REPARTIR = "UPDATE sagas SET revisar_en = now() + interval '1 hour' + random() * interval '1 day'"
_VENCER = (
    "UPDATE sagas SET revisar_en = now() - interval '1 second' WHERE id IN"
    f" (SELECT id FROM sagas TABLESAMPLE SYSTEM (1) WHERE fecha_fin IS NULL LIMIT {VENCEN})"
)
_VENCIDAS = "revisar_en <= now()"
_APLAZAR = f"UPDATE sagas SET revisar_en = now() + interval '1 day' WHERE {_VENCIDAS}"


def medir(b: Bloc, esperando: int, reclamos: int, sagas: int, plazo: float) -> Resultado:
    """Let sagas wait for a module that does not run, copy them, claim; then run the maximum beside them."""
    with base_y_espacio() as donde:
        with b.tarea(f"{esperando:,} que esperan", esperando) as avance:
            total = _llenar(*donde, esperando, plazo, avance)
        with b.tarea("reclamos", reclamos) as avance, procesos(*donde, (), **AJUSTES) as s:
            hechos = _reclamar(s, reclamos, avance)
        with b.tarea("máximo", sagas) as avance, procesos(*donde, **AJUSTES) as s:
            conexion = s.conectar()
            esperar_hecho(lambda: terminadas(conexion) >= REALES, "terminan las reales", plazo)
            hecha = corridas.maximo(s, sagas, plazo, avance, previas=REALES)
            siguen = int(uno(conexion, "SELECT count(*) FROM sagas WHERE fecha_fin IS NULL"))
            conexion.close()
    if siguen != total - REALES:
        raise SinCifra(f"esperan {siguen} sagas, no {total - REALES}")
    return {"esperando": total, **hechos, **hecha}


def _llenar(base: str, espacio: str, esperando: int, plazo: float, avance: Any) -> int:
    with procesos(base, espacio, ("orquestador",), **AJUSTES) as s:
        conexion, emisor = s.conectar(), Emisor(espacio)
        emisor.enviar(REALES)
        cuantas = "SELECT count(*) FROM sagas WHERE revisar_en IS NOT NULL"
        esperar_hecho(lambda: uno(conexion, cuantas) == REALES, "esperan las reales", plazo)
        emisor.cerrar()
        reposar(conexion, plazo)
    total = multiplicar(base, math.ceil(esperando / REALES) - 1, avance)
    with conexion.cursor() as cursor:
        cursor.execute(_REPARTIR)
        cursor.execute("VACUUM ANALYZE sagas")
    conexion.close()
    return total


def _reclamar(s: Sistema, reclamos: int, avance: Any) -> Resultado:
    """Claim as the orchestrator's timers do; each is rolled back, and what was due is put off."""
    c = Contenedor(config=leer(s.entorno))
    conexion = s.conectar()
    todos, con_vencidos, vencidos = [], [], 0
    for i in range(reclamos):
        toca = i % CADA == CADA - 1
        if toca:
            with conexion.cursor() as cursor:
                cursor.execute(_VENCER)
        debidos = int(uno(conexion, f"SELECT count(*) FROM sagas WHERE {_VENCIDAS}")) if toca else 0
        antes = time.perf_counter()
        with UnidadSQL(c.motor(), c.persistencia_saga(), c.reloj(), c.ids()) as uow:
            hallados = uow.vencidos(MAXIMO)
            lapso = time.perf_counter() - antes
        if len(hallados) != debidos:
            raise SinCifra(f"el reclamo halló {len(hallados)} plazos, no {debidos}")
        todos.append(lapso)
        if toca:
            con_vencidos.append(lapso)
            vencidos += len(hallados)
            with conexion.cursor() as cursor:
                cursor.execute(_APLAZAR)
        avance(i + 1)
    conexion.close()
    c.motor().cerrar()
    return {
        "reclamos": reclamos,
        "vencidos": vencidos,
        "reclamo_ms": corridas.percentiles(todos),
        "vencidos_ms": corridas.percentiles(con_vencidos),
    }

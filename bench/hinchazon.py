"""Bloat: the rate while a reader holds a snapshot, and the tables after it has let go.

While a transaction is open, no row version that it might see can be cleaned away; a queue that is read
through its dead rows slows down with each of them.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg2

from aeropartners.seedwork.infraestructura.migraciones.versions.v0008_autovacuum import (
    CAMBIANTES,
    COLAS,
    PARTICIONADAS,
)
from bench.bloc import Bloc, Resultado
from bench.carga import Emisor
from bench.comprobacion import SinCifra, comprobar, esperar
from bench.corridas import CALENTAR, callado
from bench.sistema import sistema, uno

PAGINAS, MUERTAS = 100, 0.05
CICLOS, MARGEN_S = 2, 30
_SIESTA = "SELECT setting FROM pg_settings WHERE name = 'autovacuum_naptime'"
_TABLAS = (
    "SELECT c.relname, s.n_live_tup, s.n_dead_tup, s.autovacuum_count,"
    " (pg_relation_size(c.oid) + COALESCE(pg_relation_size(NULLIF(c.reltoastrelid, 0)), 0))"
    " / current_setting('block_size')::int"
    " FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid"
    " LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent"
    " WHERE COALESCE(p.relname, c.relname) = ANY(%s)"
)
Tablas = Mapping[str, Mapping[str, int]]


def medir(b: Bloc, por_s: float, antes_s: float, lector_s: float, plazo: float) -> Resultado:
    """Load at a steady rate without the reader, then with it; then stop both, and wait for autovacuum."""
    with b.tarea(f"hinchazón a {por_s:g}/s", int(antes_s + lector_s)) as avance, sistema() as s:
        conexion, emisor = s.conectar(), Emisor(s.espacio)
        desde = time.time()
        emisor.enviar(CALENTAR)
        esperar(conexion, CALENTAR, plazo, callado, desde)
        with _carga(emisor, por_s) as enviadas:
            comienzo = time.time()
            _dejar_pasar(antes_s, 0, avance)
            antes, medio = _mirar(conexion), time.time()
            with _lector(s.base):
                _dejar_pasar(lector_s, antes_s, avance)
                fin = time.time()
            durante = _mirar(conexion)
        total = CALENTAR + sum(enviadas)
        esperar(conexion, total, plazo, callado)
        soltado = time.monotonic()
        ciclos = _esperar_autovacuum(conexion, durante)
        recuperada_s = time.monotonic() - soltado
        despues = _mirar(conexion)
        tasas = [_terminadas(conexion, *tramo) for tramo in ((comienzo, medio), (medio, fin))]
        comprobar(conexion, total, rechazadas=False)
        conexion.close()
    return {
        "por_s": por_s,
        "segundos": lector_s,
        "antes_por_s": round(tasas[0], 1),
        "durante_por_s": round(tasas[1], 1),
        "queda": round(tasas[1] / tasas[0], 3),
        "paginas": {
            t: [m[t]["paginas"] for m in (antes, durante, despues)]
            for t in sorted(despues)
            if t in COLAS or durante[t]["paginas"]
        },
        "paginas_despues": max(despues[t]["paginas"] for t in COLAS),
        "muertas_despues": round(_parte_muerta(despues), 4),
        "recuperada_s": round(recuperada_s, 1),
        "ciclos": ciclos,
    }


@contextmanager
def _carga(emisor: Emisor, por_s: float) -> Iterator[list[int]]:
    """Start sagas at a steady rate until the end of the block; fill in how many."""
    enviadas: list[int] = []
    fin = threading.Event()

    def enviar() -> None:
        while not fin.is_set():
            enviadas.append(emisor.a_ritmo(por_s, 1.0))

    hilo = threading.Thread(target=enviar)
    hilo.start()
    try:
        yield enviadas
    finally:
        fin.set()
        hilo.join()
        emisor.cerrar()


@contextmanager
def _lector(base: str) -> Iterator[None]:
    """Hold a snapshot; in the end it must still see what it saw at first."""
    conexion = psycopg2.connect(base)
    conexion.set_session(isolation_level="REPEATABLE READ", readonly=True)
    visto = uno(conexion, "SELECT count(*) FROM sagas")
    try:
        yield
        if (ahora := uno(conexion, "SELECT count(*) FROM sagas")) != visto:
            raise SinCifra(f"el lector vio {visto} sagas, y luego {ahora}")
    finally:
        conexion.close()


def _dejar_pasar(segundos: float, ya: float, avance: Any) -> None:
    """Let the time of a window pass: here the time is the measure."""
    fin = time.monotonic() + segundos
    while (falta := fin - time.monotonic()) > 0:
        time.sleep(min(1.0, falta))
        avance(int(ya + segundos - max(falta, 0)))


def _mirar(conexion: Any) -> Tablas:
    with conexion.cursor() as cursor:
        cursor.execute(_TABLAS, ([*COLAS, *CAMBIANTES, *PARTICIONADAS],))
        campos = ("vivas", "muertas", "vacuums", "paginas")
        return {nombre: dict(zip(campos, valores, strict=True)) for nombre, *valores in cursor}


def _esperar_autovacuum(conexion: Any, entonces: Tablas) -> int:
    """Give autovacuum its cycles to make the tables small again; return how often it came to the busiest."""
    limite = time.monotonic() + CICLOS * int(uno(conexion, _SIESTA)) + MARGEN_S
    while True:
        ahora = _mirar(conexion)
        ciclos = max(ahora[t]["vacuums"] - entonces[t]["vacuums"] for t in COLAS)
        pequenas = all(ahora[t]["paginas"] <= PAGINAS for t in COLAS)
        if (pequenas and _parte_muerta(ahora) <= MUERTAS) or ciclos > CICLOS or time.monotonic() > limite:
            return ciclos
        time.sleep(1.0)


def _parte_muerta(tablas: Tablas) -> float:
    """Return the dead rows among all, over the tables together: a queue at rest has only dead ones."""
    vivas, muertas = (sum(t[campo] for t in tablas.values()) for campo in ("vivas", "muertas"))
    return muertas / max(vivas + muertas, 1)


def _terminadas(conexion: Any, desde: float, hasta: float) -> float:
    """Return how many sagas a second ended in a window."""
    hechas = uno(
        conexion,
        "SELECT count(*) FROM sagas"
        f" WHERE fecha_fin >= to_timestamp({desde}) AND fecha_fin < to_timestamp({hasta})",
    )
    return int(hechas) / (hasta - desde)

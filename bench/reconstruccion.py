"""The totals counted again from a million events, while readers read them and writers change them."""

import json
import math
import subprocess
import threading
import time
from typing import Any

import httpx

from bench.arbol import ESTE
from bench.bloc import Bloc, Resultado
from bench.carga import Emisor
from bench.comprobacion import SinCifra, comprobar, esperar, terminadas
from bench.corridas import percentiles
from bench.historia import REALES, llenar, reposar
from bench.sistema import Sistema, base_y_espacio, procesos, uno

POR_SAGA = 13
LECTORES = 2
PAUSA_S = 0.02
_EVENTOS = "SELECT (SELECT count(*) FROM saga_eventos) + (SELECT count(*) FROM eventos)"


def medir(b: Bloc, eventos: int, por_s: float, plazo: float) -> Resultado:
    """Make a history of so many events, and rebuild every projection of it by the command."""
    sagas = math.ceil(eventos / POR_SAGA / REALES) * REALES
    with base_y_espacio() as donde:
        with b.tarea(f"llenar con {eventos:,} eventos", sagas) as avance:
            previas = llenar(*donde, sagas, plazo, avance)
        with b.tarea("reconstruir", 1), procesos(*donde) as s:
            return {"por_s": por_s, **_reconstruir(s, previas, por_s, plazo)}


def _reconstruir(s: Sistema, previas: int, por_s: float, plazo: float) -> Resultado:
    conexion, fin = s.conectar(), threading.Event()
    escritor = _Escritor(s.espacio, por_s, fin)
    lectores = [_Lector(s, previas, fin) for _ in range(LECTORES)]
    hilos = [escritor, *lectores]
    for hilo in hilos:
        hilo.start()
    try:
        eventos = int(uno(conexion, _EVENTOS))
        antes = time.monotonic()
        orden = [*ESTE.cli, "proyecciones", "reconstruir", "--json"]
        hecho = subprocess.run(orden, env=s.entorno, capture_output=True, text=True)
        segundos = time.monotonic() - antes
    finally:
        fin.set()
        for hilo in hilos:
            hilo.join()
    if fallos := [lector.fallo for lector in lectores if lector.fallo]:
        raise SinCifra(fallos[0])
    if hecho.returncode:
        raise SinCifra(f"reconstruir terminó con {hecho.returncode}: {hecho.stderr[-500:]}")
    corregidos = sum(len(e) for e in json.loads(hecho.stdout)["errores"].values())
    if corregidos:
        raise SinCifra(f"{corregidos} totales diferían: {hecho.stdout[:300]}")
    esperar(conexion, previas + escritor.sagas, plazo, lambda _: None)
    reposar(conexion, plazo)
    comprobar(conexion, previas + escritor.sagas, rechazadas=False)
    if (contadas := lectores[0].total()) != terminadas(conexion):
        raise SinCifra(f"los totales dicen {contadas} sagas, hay {terminadas(conexion)}")
    conexion.close()
    return {
        "eventos": eventos,
        "segundos": round(segundos, 1),
        "eventos_por_s": round(eventos / segundos, 1),
        "lecturas": sum(len(lector.tiempos) for lector in lectores),
        "respuesta_ms": percentiles([t for lector in lectores for t in lector.tiempos]),
        "escritas": escritor.sagas,
        "corregidos": corregidos,
    }


class _Escritor(threading.Thread):
    """Starts sagas, slowly, until it is told to end."""

    def __init__(self, espacio: str, por_s: float, fin: threading.Event) -> None:
        super().__init__()
        self.sagas = 0
        self._emisor, self._por_s, self._fin = Emisor(espacio), por_s, fin

    def run(self) -> None:
        while not self._fin.is_set():
            self.sagas += self._emisor.a_ritmo(self._por_s, 1.0)
        self._emisor.cerrar()


class _Lector(threading.Thread):
    """Reads the list of sagas, whose total is the projection's; it may never be less than it was."""

    def __init__(self, s: Sistema, previas: int, fin: threading.Event) -> None:
        super().__init__()
        self.tiempos: list[float] = []
        self.fallo = ""
        self._url = f"{s.url('orquestador')}/saga/"
        self._visto, self._fin = previas, fin
        self._cliente: Any = httpx.Client(timeout=30)

    def run(self) -> None:
        while not self._fin.is_set() and not self.fallo:
            antes = time.monotonic()
            total = self.total()
            self.tiempos.append(time.monotonic() - antes)
            if total < self._visto:
                self.fallo = f"una lectura halló {total} sagas tras {self._visto}"
            self._visto = total
            time.sleep(PAUSA_S)

    def total(self) -> int:
        """Return how many sagas the list says that there are."""
        respuesta = self._cliente.get(self._url, params={"limite": 1}).raise_for_status()
        return int(respuesta.json()["total"])

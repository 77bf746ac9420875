"""Systems that stay, and are measured turn by turn, several at the same time.

A machine that others share is a tenth slower for seconds at a time: what is compared must share the seconds.
`lugar` moves a system's ports; each has a database and a namespace of its own.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bench import embebido
from bench.arbol import Arbol
from bench.bloc import Resultado
from bench.carga import NO_JUNTAR_MS, Emisor, oyente
from bench.cliente_http import por_http
from bench.comprobacion import comprobar, esperar, esperar_hecho
from bench.corridas import CALENTAR, CALENTAR_HTTP, callado, percentiles, ritmo
from bench.mediciones import CON_BFF
from bench.medidas import CALLADAS_S, Medidor
from bench.sistema import Sistema, sistema

POR_S = 10.0
Iniciar = Callable[[int], Resultado | None]
"""Starts so many sagas; returns what it learns of them itself."""


@dataclass(frozen=True, slots=True)
class Sesion:
    """`tanda` is one turn; `contar`, after the last, what a saga cost in rows, messages and commits."""

    tanda: Callable[[], Resultado]
    contar: Callable[[], Resultado]


class _Turnos:
    """The turns of a system of real processes."""

    def __init__(self, s: Sistema, conexion: Any, plazo: float, calentar: int, iniciar: Iniciar) -> None:
        self._sistema, self._conexion, self._plazo, self._iniciar = s, conexion, plazo, iniciar
        self._previas, self._sagas = calentar, 0
        self._correr(calentar)

    @cached_property
    def _medidor(self) -> Medidor:
        """Made at the first turn, when all are warm: what sessions had not yet said would be of the turns."""
        return Medidor(self._conexion, self._sistema.pids(), self._sistema.espacio, CALLADAS_S)

    def tanda(self, sagas: int) -> Resultado:
        """Start so many, wait for their end, and return what they took."""
        antes = self._medidor.cpu(self._sistema.espacio)
        hecha = self._correr(sagas)
        self._sagas += sagas
        ahora = self._medidor.cpu(self._sistema.espacio)
        return {**hecha, "cpu_us": {n: (s - antes.get(n, 0)) / sagas * 1e6 for n, s in ahora.items()}}

    def contar(self, rechazadas: bool) -> Resultado:
        """Return what a saga cost over all turns; raises SinCifra if an effect is missing, or there twice."""
        contado = self._medidor.coste().por_saga(self._sagas)
        comprobar(self._conexion, self._previas + self._sagas, rechazadas)
        return contado

    def _correr(self, sagas: int) -> Resultado:
        comienzo = time.time()
        aprendido = self._iniciar(sagas) or {}
        fin = esperar(self._conexion, sagas, self._plazo, callado, comienzo)
        return {**ritmo(sagas, comienzo, fin), **aprendido}


def por_comando(o: argparse.Namespace, arbol: Arbol, lugar: int) -> Iterator[Sesion]:
    """All sagas of a turn are started at once by command."""
    return _por_comando(o, arbol, lugar, rechazadas=False)


def rechazadas(o: argparse.Namespace, arbol: Arbol, lugar: int) -> Iterator[Sesion]:
    """The same of sagas that are undone."""
    return _por_comando(o, arbol, lugar, rechazadas=True)


def _por_comando(o: argparse.Namespace, arbol: Arbol, lugar: int, rechazadas: bool) -> Iterator[Sesion]:
    with sistema(arbol=arbol, lugar=lugar) as s, closing(s.conectar()) as conexion:
        emisor = Emisor(s.espacio, rechazadas)
        turnos = _Turnos(s, conexion, o.plazo, CALENTAR, emisor.enviar)
        yield Sesion(lambda: turnos.tanda(o.sagas_tanda), lambda: turnos.contar(rechazadas))
        emisor.cerrar()


def por_bff(o: argparse.Namespace, arbol: Arbol, lugar: int) -> Iterator[Sesion]:
    """They are started over the BFF."""
    with sistema(CON_BFF, arbol=arbol, lugar=lugar) as s, closing(s.conectar()) as conexion:

        def iniciar(sagas: int) -> Resultado:
            return {"respuesta_ms": percentiles(por_http(s.url("bff"), sagas))}

        turnos = _Turnos(s, conexion, o.plazo, CALENTAR_HTTP, iniciar)
        yield Sesion(lambda: turnos.tanda(o.sagas_tanda), lambda: turnos.contar(False))


def a_ritmo(o: argparse.Namespace, arbol: Arbol, lugar: int) -> Iterator[Sesion]:
    """They are started by command, POR_S a second."""
    with (
        sistema(arbol=arbol, lugar=lugar) as s,
        closing(s.conectar()) as conexion,
        oyente(s.espacio) as finales,
    ):
        emisor = Emisor(s.espacio, juntar_ms=NO_JUNTAR_MS)

        def iniciar(sagas: int) -> Resultado:
            emisor.salidas.clear()
            emisor.a_ritmo(POR_S, sagas / POR_S)
            esperar_hecho(lambda: emisor.salidas.keys() <= finales.keys(), "se oyen los finales", o.plazo)
            return {"saga_ms": percentiles([finales[id] - salida for id, salida in emisor.salidas.items()])}

        turnos = _Turnos(s, conexion, o.plazo, int(POR_S * o.segundos), iniciar)
        yield Sesion(lambda: turnos.tanda(int(POR_S * o.segundos)), lambda: turnos.contar(False))
        emisor.cerrar()


def embebida(o: argparse.Namespace, arbol: Arbol, lugar: int) -> Iterator[Sesion]:
    """One process over SQLite, and sagas started at its BFF."""
    with embebido.turnos(o.plazo, arbol, lugar) as turnos:
        yield Sesion(lambda: turnos.tanda(o.sagas_tanda, callado), turnos.contar)


ABRIR = {
    nombre: contextmanager(abrir)
    for nombre, abrir in (
        ("maximo", por_comando),
        ("ritmo", a_ritmo),
        ("http", por_bff),
        ("embebido", embebida),
        ("rechazadas", rechazadas),
    )
}

"""Spreads the sagas of a run over several processes of a peer, each of them set up once."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import Connection
from typing import Any

from bench.pares.filas import SinCifra
from bench.pares.programa import Correr

Preparar = Callable[..., AbstractContextManager[Correr]]
LISTO = "listo"


@contextmanager
def en_procesos(cuantos: int, preparar: Preparar, *argumentos: Any) -> Iterator[Correr]:
    """Start the processes one after another, each with its own number, and hand out a `Correr` over all.

    Each sets the peer up by `preparar`, which must be a function that a fresh interpreter can import.
    """
    contexto = multiprocessing.get_context("spawn")
    hijos: list[tuple[Any, Connection]] = []
    try:
        for numero in range(cuantos):
            nuestra, suya = contexto.Pipe()
            hijo = contexto.Process(target=_hijo, args=(suya, preparar, numero, *argumentos), daemon=True)
            hijo.start()
            suya.close()
            hijos.append((hijo, nuestra))
            _esperar(nuestra)
        yield lambda sagas: _repartir([tuberia for _, tuberia in hijos], sagas)
        for _, tuberia in hijos:
            tuberia.send(None)
        for hijo, _ in hijos:
            hijo.join(30)
    finally:
        for hijo, tuberia in hijos:
            tuberia.close()
            hijo.terminate()


def _repartir(tuberias: Sequence[Connection], sagas: Sequence[str]) -> None:
    for numero, tuberia in enumerate(tuberias):
        tuberia.send(sagas[numero :: len(tuberias)])
    for tuberia in tuberias:
        _esperar(tuberia)


def _esperar(tuberia: Connection) -> None:
    try:
        tuberia.recv()
    except EOFError as error:
        raise SinCifra("Sin cifra: un proceso del par terminó antes de tiempo") from error


def _hijo(tuberia: Connection, preparar: Preparar, *argumentos: Any) -> None:
    with preparar(*argumentos) as correr:
        tuberia.send(LISTO)
        while (sagas := tuberia.recv()) is not None:
            correr(sagas)
            tuberia.send(LISTO)

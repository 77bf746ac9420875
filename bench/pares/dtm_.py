"""DTM on PostgreSQL: a saga of three branches, which its server calls over HTTP one after another.

Variants: `asincrona`, its default for a store in PostgreSQL: that a saga was started and that it ended are
committed at once, and that a branch was done within 0.2 s, many branches together (a server that dies in
between calls the branch again); `sincrona`, each branch is committed as done before the next is called.

Settings, from its sample configuration (conf.sample.yml), its documentation (dtm.pub) and its code:
- UpdateBranchSync, and UpdateBranchAsyncGoroutineNum, which a channel that is always full would ask to raise.
- MaxOpenConns and MaxIdleConns: the default of 500 is more than PostgreSQL takes.
- RequestTimeout: after the default of 3 s a busy machine's branches are called again 10 s later.
- LogLevel error; wait_result, so that the answer to a submission is the end of the saga.
- No sub-transaction barrier, which is a row more for each branch: the rows of the steps are idempotent, and
  branches go one after another.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import uvloop

from bench.pares import entornos
from bench.pares.dtm_http import Entrada, Salida
from bench.pares.dtm_mensajes import PUERTO, SOMETER, saga
from bench.pares.dtm_participante import Participante
from bench.pares.dtm_servidor import comprobar_almacen, servidor
from bench.pares.escritor import EscritorAsincrono
from bench.pares.filas import SinCifra
from bench.pares.procesos import en_procesos
from bench.pares.programa import Correr, Par, Peticion, principal

OPCIONES = {"UpdateBranchAsyncGoroutineNum": 1, "RequestTimeout": 30}
SINCRONA = {"asincrona": 0, "sincrona": 1}


PROCESOS = 1
EN_VUELO = 20
"""Sagas at once in a process, each with a connection to DTM."""
CONEXIONES = 8
"""Of a process, to write the rows of its steps."""
MAX_OPEN_CONNS = 20


def _medir(peticion: Peticion, cronometrar: Callable[[Correr], None]) -> dict[str, Any]:
    opciones = {**OPCIONES, "UpdateBranchSync": SINCRONA[peticion.variante]}
    with servidor(entornos.servidor("dtm"), peticion.url, opciones, MAX_OPEN_CONNS) as almacen:
        with en_procesos(PROCESOS, preparar, peticion) as correr:
            cronometrar(correr)
        comprobar_almacen(almacen, peticion)
    return {
        "procesos": PROCESOS,
        "sagas en vuelo por proceso": EN_VUELO,
        "conexiones por proceso": CONEXIONES,
        "MaxOpenConns": MAX_OPEN_CONNS,
        **opciones,
        "wait_result": True,
        "barrera": "no, filas idempotentes",
    }


@contextmanager
def preparar(numero: int, peticion: Peticion) -> Iterator[Correr]:
    """Attend to DTM's calls in this process, and submit sagas to it from here."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as bucle:
        escritor = bucle.run(EscritorAsincrono.abrir(peticion.url, CONEXIONES))
        direccion = bucle.run(_atender(Participante(escritor.escribir, peticion.rechazadas)))
        libres = bucle.run(_conectar())

        def correr(sagas: Sequence[str]) -> None:
            bucle.run(_ejecutar(libres, direccion, sagas, 409 if peticion.rechazadas else 200))

        yield correr
        bucle.run(escritor.cerrar())


async def _atender(participante: Participante) -> str:
    """Listen on a port that the system chooses, and return the address."""
    bucle = asyncio.get_running_loop()
    oyente = await bucle.create_server(lambda: Entrada(participante.atender), "127.0.0.1", 0)
    return f"http://127.0.0.1:{oyente.sockets[0].getsockname()[1]}"


async def _conectar() -> asyncio.LifoQueue[Salida]:
    """Return a connection to DTM for each saga in flight."""
    bucle = asyncio.get_running_loop()
    libres: asyncio.LifoQueue[Salida] = asyncio.LifoQueue()
    for _ in range(EN_VUELO):
        _, salida = await bucle.create_connection(Salida, "127.0.0.1", PUERTO)
        libres.put_nowait(salida)
    return libres


async def _ejecutar(
    libres: asyncio.LifoQueue[Salida], direccion: str, sagas: Sequence[str], esperado: int
) -> None:
    async def una(gid: str) -> None:
        salida = await libres.get()
        estado, respuesta = await salida.pedir(SOMETER, json.dumps(saga(gid, direccion)).encode())
        libres.put_nowait(salida)
        if estado != esperado:
            raise SinCifra(f"Sin cifra: DTM respondió {estado}, no {esperado}: {respuesta.decode()}")

    await asyncio.gather(*map(una, sagas))


PAR = Par("dtm", entornos.SERVIDORES["dtm"].version, tuple(SINCRONA), _medir)

if __name__ == "__main__":
    sys.exit(principal(PAR))

"""`eventsourcing`: the saga as a system of three process applications on its PostgreSQL recorders.

Variants: `hilos`, the system in one process, a thread for each application; `procesos`, a process for each
of its three followings, as projections that subscribe to the application which they follow.

Settings, from its documentation (eventsourcing.readthedocs.io) and the pages there:
- "system": the system of process applications and MultiThreadedRunner. NewMultiThreadedRunner stands still
  when several threads save in one application, as a start and a cancellation do: it hands on events in the
  order in which the threads notify, not in that of the log.
- The classes' own `log_section_size` and `pull_section_size`: how many events one read of a log hands over.
- "projection": EventSourcedProjectionRunner, meant to run in a process of its own; `topics`, so that the
  database hands over only the events that a policy needs.
- "persistence", PostgreSQL: POSTGRES_POOL_SIZE and POSTGRES_MAX_OVERFLOW at their defaults, for a follower
  has one writer, POSTGRES_PRE_PING off ("a small impact on performance"). Writes to one application's log
  are serialised by a table lock, so sagas are started by one thread: more would wait for each other.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any
from urllib.parse import urlsplit

from eventsourcing.projection import EventSourcedProjectionRunner
from eventsourcing.system import MultiThreadedRunner, ProcessApplication, System
from eventsourcing.utils import get_topic

from bench.pares.eventsourcing_apps import SECCION, Campanas, Pagos, RegistroConFila, Reportes
from bench.pares.filas import SinCifra
from bench.pares.programa import Correr, Par, Peticion, principal

SEGUIMIENTOS = ((Campanas, Pagos), (Pagos, Reportes), (Pagos, Campanas))
"""Who is followed by whom."""
INICIADORES = 1
SONDEO = 0.01
SIN_AVANCE = 30.0
"""Seconds without an event processed after which a run is given up."""


def _entorno(url: str) -> dict[str, str]:
    partes = urlsplit(url)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "PROCESS_RECORDER_TOPIC": get_topic(RegistroConFila),
        "POSTGRES_DBNAME": partes.path[1:],
        "POSTGRES_HOST": str(partes.hostname),
        "POSTGRES_PORT": str(partes.port or 5432),
        "POSTGRES_USER": str(partes.username),
        "POSTGRES_PASSWORD": partes.password or "ninguna",
        "POSTGRES_POOL_SIZE": "5",
        "POSTGRES_MAX_OVERFLOW": "10",
        "POSTGRES_PRE_PING": "n",
    }


def _medir(peticion: Peticion, cronometrar: Callable[[Correr], None]) -> dict[str, Any]:
    entorno = _entorno(peticion.url)
    en = _en_hilos if peticion.variante == "hilos" else _en_procesos
    with en(entorno) as (aplicaciones, comprobar_vivos):

        def correr(sagas: Sequence[str]) -> None:
            ultimo = _iniciar(aplicaciones[Campanas], sagas, peticion.rechazadas)
            _esperar(aplicaciones[Pagos], Campanas, ultimo, comprobar_vivos)
            ultimo = aplicaciones[Pagos].recorder.max_notification_id()
            final = Campanas if peticion.rechazadas else Reportes
            _esperar(aplicaciones[final], Pagos, ultimo, comprobar_vivos)

        cronometrar(correr)
    hechos = {
        c: v for c, v in entorno.items() if c.startswith(("POSTGRES_POOL", "POSTGRES_MAX", "POSTGRES_PRE"))
    }
    corredor = "MultiThreadedRunner" if peticion.variante == "hilos" else "EventSourcedProjectionRunner"
    return {"runner": corredor, "hilos que inician": INICIADORES, "log_section_size": SECCION, **hechos}


Aplicaciones = dict[type[ProcessApplication[Any]], Any]
Vivos = Callable[[], None]


@contextmanager
def _en_hilos(entorno: dict[str, str]) -> Iterator[tuple[Aplicaciones, Vivos]]:
    corredor: MultiThreadedRunner[Any] = MultiThreadedRunner(System(pipes=SEGUIMIENTOS), env=entorno)
    with corredor:
        aplicaciones = {clase: corredor.get(clase) for clase in (Campanas, Pagos, Reportes)}
        yield aplicaciones, corredor.reraise_thread_errors


@contextmanager
def _en_procesos(entorno: dict[str, str]) -> Iterator[tuple[Aplicaciones, Vivos]]:
    aplicaciones = {clase: clase(env=entorno) for clase in (Campanas, Pagos, Reportes)}
    contexto = get_context("spawn")
    hijos: list[tuple[BaseProcess, Connection]] = []

    def comprobar_vivos() -> None:
        if not all(hijo.is_alive() for hijo, _ in hijos):
            raise SinCifra("Sin cifra: un proceso del par terminó antes de tiempo")

    try:
        for lider, seguidor in SEGUIMIENTOS:
            nuestra, suya = contexto.Pipe()
            hijo = contexto.Process(target=seguir, args=(suya, lider, seguidor, entorno))
            hijo.start()
            suya.close()
            hijos.append((hijo, nuestra))
            nuestra.recv()
        yield aplicaciones, comprobar_vivos
    finally:
        for _, tuberia in hijos:
            tuberia.close()
        for hijo, _ in hijos:
            hijo.join(30)
        for aplicacion in aplicaciones.values():
            aplicacion.close()


def seguir(tuberia: Connection, lider: Any, seguidor: Any, entorno: dict[str, str]) -> None:
    """Run one projection in this process until the other end of the pipe is closed."""
    with EventSourcedProjectionRunner(
        application_class=lider, projection_class=seguidor, env=entorno
    ) as corredor:

        def parar() -> None:
            tuberia.poll(None)
            corredor.stop()

        threading.Thread(target=parar, daemon=True).start()
        tuberia.send(os.getpid())
        corredor.run_forever()


def _iniciar(campanas: Campanas, sagas: Sequence[str], rechazadas: bool) -> int:
    """Start the sagas and return the position of the last one's event."""
    with ThreadPoolExecutor(INICIADORES) as hilos:
        return max(hilos.map(lambda saga: campanas.iniciar(saga, rechazadas), sagas))


def _esperar(
    seguidor: Any, lider: type[ProcessApplication[Any]], ultimo: int, comprobar_vivos: Vivos
) -> None:
    """Wait until a follower has recorded that it processed an event of what it follows."""
    hecho, limite = -1, 0.0
    while hecho < ultimo:
        comprobar_vivos()
        antes, hecho = hecho, seguidor.recorder.max_tracking_id(lider.name) or 0
        if hecho > antes:
            limite = time.monotonic() + SIN_AVANCE
        elif time.monotonic() > limite:
            raise SinCifra(f"Sin cifra: {seguidor.name} lleva {SIN_AVANCE:.0f} s sin avanzar")
        time.sleep(SONDEO)


PAR = Par("eventsourcing", version("eventsourcing"), ("hilos", "procesos"), _medir)

if __name__ == "__main__":
    sys.exit(principal(PAR))

"""Temporal on PostgreSQL: a workflow of three activities, or of three local activities, its faster way.

Settings, from its documentation (docs.temporal.io) and the pages there:
- "Worker performance": pollers that scale themselves, fixed-size slots, and eager workflow start, for which
  the starter and the worker share a client in one process; eager activities come with it.
- "Performance & Latency Patterns": eager workflow start with local activities is the fastest combination.
- "Synchronous vs. asynchronous Activity implementations": blocking activities run in a thread pool.
- "Temporal Python SDK sandbox environment": modules pass through the sandbox for performance; a workflow
  may also leave it, as this one does.
- The server: its sample configuration for PostgreSQL (config/development-postgres12.yaml), 4 history shards.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from importlib.metadata import version
from typing import Any

from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from bench.pares import entornos
from bench.pares.escritor import Escritor
from bench.pares.filas import SinCifra
from bench.pares.procesos import en_procesos
from bench.pares.programa import Correr, Par, Peticion, principal
from bench.pares.temporal_flujo import Actividades, Pedido, Saga
from bench.pares.temporal_servidor import CONEXIONES, SHARDS, direccion, servidor

ESPACIO = "default"
COLA = "pares"
PROCESOS = 1
EN_VUELO = 100
"""Sagas at once in a process. The slots for each kind of task are as many, so that none is waited for."""
ARRANQUE = 60


def _medir(peticion: Peticion, cronometrar: Callable[[Correr], None]) -> dict[str, Any]:
    with servidor(entornos.servidor("temporal"), peticion.url):
        asyncio.run(_registrar_espacio())
        with en_procesos(PROCESOS, preparar, peticion) as correr:
            cronometrar(correr)
    return {
        "servidor": entornos.SERVIDORES["temporal"].version,
        "procesos": PROCESOS,
        "sagas en vuelo por proceso": EN_VUELO,
        "pollers": "PollerBehaviorAutoscaling",
        "max_concurrent_*": EN_VUELO,
        "max_cached_workflows": 1000,
        "activity_executor": f"ThreadPoolExecutor({EN_VUELO})",
        "request_eager_start": True,
        "sandboxed": False,
        "numHistoryShards": SHARDS,
        "maxConns": CONEXIONES,
    }


async def _registrar_espacio() -> None:
    """Make the namespace, once the services have found each other."""
    pedido = RegisterNamespaceRequest(namespace=ESPACIO)
    pedido.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))

    async def registrar() -> None:
        cliente = await Client.connect(direccion())
        await cliente.workflow_service.register_namespace(pedido)

    await _insistir(registrar)


async def _insistir(hacer: Callable[[], Any]) -> None:
    """Do it again while the server is not ready: it says so, or does not yet see the new namespace."""
    espera = {RPCStatusCode.UNAVAILABLE, RPCStatusCode.NOT_FOUND, RPCStatusCode.DEADLINE_EXCEEDED}
    limite = asyncio.get_running_loop().time() + ARRANQUE
    while True:
        try:
            await hacer()
            return
        except (RPCError, RuntimeError) as error:
            if isinstance(error, RPCError) and error.status not in espera:
                raise
            if asyncio.get_running_loop().time() > limite:
                raise SinCifra(f"Sin cifra: Temporal no está listo: {error}") from error
        await asyncio.sleep(0.2)


@contextmanager
def preparar(numero: int, peticion: Peticion) -> Iterator[Correr]:
    """Connect, and start a worker; the starter and the worker share the client, for eager starts."""
    escritor = Escritor(peticion.url)
    with asyncio.Runner() as bucle, ThreadPoolExecutor(EN_VUELO) as hilos:
        cliente = bucle.run(_conectar())
        # A queue for each process: while one waits for its next sagas, it attends to no tasks.
        cola = f"{COLA}-{numero}"
        obrero = _obrero(cliente, cola, Actividades(escritor), hilos)
        bucle.run(_entrar(obrero))

        def correr(sagas: Sequence[str]) -> None:
            bucle.run(_ejecutar(cliente, cola, peticion, sagas))

        yield correr
        bucle.run(obrero.shutdown())
    escritor.cerrar()


async def _conectar() -> Client:
    return await Client.connect(direccion(), namespace=ESPACIO)


def _obrero(cliente: Client, cola: str, actividades: Actividades, hilos: ThreadPoolExecutor) -> Worker:
    return Worker(
        cliente,
        task_queue=cola,
        workflows=[Saga],
        activities=[
            actividades.crear_campana,
            actividades.pagar,
            actividades.generar_reporte,
            actividades.cancelar_campana,
        ],
        activity_executor=hilos,
        max_concurrent_workflow_tasks=EN_VUELO,
        max_concurrent_activities=EN_VUELO,
        max_concurrent_local_activities=EN_VUELO,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
    )


async def _entrar(obrero: Worker) -> None:
    await obrero.__aenter__()


async def _ejecutar(cliente: Client, cola: str, peticion: Peticion, sagas: Sequence[str]) -> None:
    paso = asyncio.Semaphore(EN_VUELO)

    async def una(saga: str) -> None:
        async with paso:
            await cliente.execute_workflow(
                Saga.run,
                Pedido(saga, peticion.rechazadas, peticion.variante == "locales"),
                id=saga,
                task_queue=cola,
                request_eager_start=True,
            )

    await asyncio.gather(*(una(saga) for saga in sagas))


PAR = Par("temporal", version("temporalio"), ("actividades", "locales"), _medir)

if __name__ == "__main__":
    sys.exit(principal(PAR))

"""DBOS: three steps of a workflow, with their checkpoints in the same PostgreSQL.

Variants: `pasos`, plain steps, each of which commits its row and then its checkpoint; `rapida`, the same
steps with more processes and without the library's check of each connection before it is used;
`datasource`, steps whose row and checkpoint are one transaction (this version then records the step among
the workflow's as well, so it is the safest and not the fastest).

Settings, from its documentation (docs.dbos.dev) and the pages there:
- "Configuration": sys_db_pool_size, max_executor_threads, db_engine_kwargs, executor_id.
- "Workflows" and DBOS's own benchmark of workflows on PostgreSQL (dbos-inc/dbos-postgres-benchmark,
  benchmarks/dbos_start_workflow.py): workflows are started in the process that runs them, not by a queue,
  which costs more writes; several processes, each with an executor_id of its own. Its pools of 64 and its
  coroutines were no faster here than the default of 20 and threads.
- "Datasources" and "Transactions & Datasources": a datasource of the application's database, and the
  isolation level READ COMMITTED instead of SERIALIZABLE.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from dbos import DBOS, SQLAlchemyDatasource

from bench.pares import filas
from bench.pares.escritor import Escritor
from bench.pares.filas import Orden
from bench.pares.procesos import en_procesos
from bench.pares.programa import Correr, Par, Peticion, principal

Paso = Callable[[Callable[..., Any]], Callable[..., Any]]
AISLAMIENTO = "READ COMMITTED"


@dataclass(frozen=True, slots=True)
class Ajustes:
    """The settings of a variant; `hilos` is how many workflows run at once in a process."""

    procesos: int
    hilos: int
    sys_db_pool_size: int
    pool_pre_ping: bool


# Few threads: more of them in a process wait for its interpreter and for the two cores.
AJUSTES = {
    "pasos": Ajustes(procesos=1, hilos=8, sys_db_pool_size=20, pool_pre_ping=True),
    "rapida": Ajustes(procesos=2, hilos=8, sys_db_pool_size=20, pool_pre_ping=False),
    "datasource": Ajustes(procesos=2, hilos=8, sys_db_pool_size=20, pool_pre_ping=False),
}


def _medir(peticion: Peticion, cronometrar: Callable[[Correr], None]) -> dict[str, Any]:
    ajustes = AJUSTES[peticion.variante]
    with en_procesos(ajustes.procesos, preparar, peticion, ajustes) as correr:
        cronometrar(correr)
    propios = {"isolation_level": AISLAMIENTO} if peticion.variante == "datasource" else {}
    return {**asdict(ajustes), **propios}


@contextmanager
def preparar(numero: int, peticion: Peticion, ajustes: Ajustes) -> Iterator[Correr]:
    """Launch DBOS in this process, and run each saga in a thread of its own pool."""
    escritor = Escritor(peticion.url)
    if peticion.variante == "datasource":
        paso, escribir = _en_datasource(peticion.url, ajustes)
    else:
        paso, escribir = DBOS.step(), escritor.escribir
    saga = _flujo(paso, escribir, peticion.rechazadas)
    DBOS(
        config={
            "name": "pares",
            "system_database_url": peticion.url,
            "executor_id": str(numero),
            "sys_db_pool_size": ajustes.sys_db_pool_size,
            "max_executor_threads": ajustes.hilos,
            "db_engine_kwargs": {"pool_pre_ping": ajustes.pool_pre_ping},
            "log_level": "ERROR",
        }
    )
    DBOS.launch()
    with ThreadPoolExecutor(ajustes.hilos) as hilos:

        def correr(sagas: Sequence[str]) -> None:
            for _ in hilos.map(saga, sagas):
                pass

        yield correr
    DBOS.destroy()
    escritor.cerrar()


def _en_datasource(url: str, ajustes: Ajustes) -> tuple[Paso, Callable[[Orden], Any]]:
    """Return what makes a step a transaction of the datasource, and what writes a row in it."""
    opciones = {"pool_size": ajustes.hilos, "max_overflow": 0, "pool_pre_ping": ajustes.pool_pre_ping}
    datasource = SQLAlchemyDatasource.create(url, engine_kwargs=opciones)

    def escribir(orden: Orden) -> None:
        datasource.sql_session().connection().exec_driver_sql(*orden)

    return datasource.transaction(isolation_level=AISLAMIENTO), escribir


def _flujo(paso: Paso, escribir: Callable[[Orden], Any], rechazadas: bool) -> Callable[[str], None]:
    @paso
    def crear_campana(saga_id: str) -> None:
        escribir(filas.campana(saga_id))

    @paso
    def pagar(saga_id: str) -> bool:
        escribir(filas.pago(saga_id, rechazadas))
        return not rechazadas

    @paso
    def generar_reporte(saga_id: str) -> None:
        escribir(filas.reporte(saga_id))

    @paso
    def cancelar_campana(saga_id: str) -> None:
        escribir(filas.cancelar(saga_id))

    @DBOS.workflow()
    def saga(saga_id: str) -> None:
        crear_campana(saga_id)
        if pagar(saga_id):
            generar_reporte(saga_id)
        else:
            cancelar_campana(saga_id)

    return saga


PAR = Par("dbos", version("dbos"), tuple(AJUSTES), _medir)

if __name__ == "__main__":
    sys.exit(principal(PAR))

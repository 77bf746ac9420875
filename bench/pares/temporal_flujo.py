"""The saga as a Temporal workflow of three activities and a compensation; activities write the rows."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow

from bench.pares import filas
from bench.pares.escritor import Escritor

PLAZO = timedelta(seconds=60)


@dataclass(frozen=True)
class Pedido:
    """A saga to run: by activities of the task queue, or by local ones."""

    saga: str
    rechazada: bool
    locales: bool


class Actividades:
    """The steps. Synchronous, in a thread pool, as the SDK's documentation advises for blocking calls."""

    def __init__(self, escritor: Escritor) -> None:
        self._escritor = escritor

    @activity.defn
    def crear_campana(self, pedido: Pedido) -> None:
        """Step 1."""
        self._escritor.escribir(filas.campana(pedido.saga))

    @activity.defn
    def pagar(self, pedido: Pedido) -> bool:
        """Step 2: whether the payment was made. A refusal is an answer, not a failure to be retried."""
        self._escritor.escribir(filas.pago(pedido.saga, pedido.rechazada))
        return not pedido.rechazada

    @activity.defn
    def generar_reporte(self, pedido: Pedido) -> None:
        """Step 3."""
        self._escritor.escribir(filas.reporte(pedido.saga))

    @activity.defn
    def cancelar_campana(self, pedido: Pedido) -> None:
        """Compensation of step 1."""
        self._escritor.escribir(filas.cancelar(pedido.saga))


@workflow.defn(sandboxed=False)
class Saga:
    """Runs the steps, or compensates the first when the second is refused."""

    @workflow.run
    async def run(self, pedido: Pedido) -> None:
        """Run the saga to its end."""
        ejecutar = (
            workflow.execute_local_activity_method if pedido.locales else workflow.execute_activity_method
        )
        await ejecutar(Actividades.crear_campana, pedido, start_to_close_timeout=PLAZO)
        if await ejecutar(Actividades.pagar, pedido, start_to_close_timeout=PLAZO):
            await ejecutar(Actividades.generar_reporte, pedido, start_to_close_timeout=PLAZO)
        else:
            await ejecutar(Actividades.cancelar_campana, pedido, start_to_close_timeout=PLAZO)

"""The loops of back-pressure: each process writes its delay; a process that starts sagas reads them all."""

import time
from collections.abc import Callable

from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.hilos import Hilo
from aeropartners.seedwork.aplicacion.admision import Admision
from aeropartners.seedwork.aplicacion.bucles.bucle import Ronda
from aeropartners.seedwork.infraestructura.web.rutas.salud import Problema

MIRAR_S = 1.0
# Not more often: the sum of the outbox reads every row's header.
MEDIR_SALIDA_S = 10.0


def hilos(c: Contenedor, admite: bool) -> list[Hilo]:
    """Return the loops of a process; with `admite`, those of a process that starts sagas."""
    retrasos, admision, tablon = c.retrasos(), c.admision(), c.tablon()
    salida = _Medida(c.salida().tamano)
    decir = Hilo("retrasos", lambda: Ronda(retrasos.una_ronda, retrasos.terminar), pausa_s=MIRAR_S)
    mirar = Hilo(
        "admision", lambda: Ronda(lambda: admision.mirar(tablon.peor(), salida.valor())), pausa_s=MIRAR_S
    )
    return [decir, mirar] if admite else [decir]


class _Medida:
    """A figure that is expensive to measure: measured again after MEDIR_SALIDA_S seconds."""

    def __init__(self, medir: Callable[[], int]) -> None:
        self._medir = medir
        self._proxima = 0.0
        self._valor = 0

    def valor(self) -> int:
        """Return the figure, measured at most MEDIR_SALIDA_S seconds ago."""
        if (ahora := time.monotonic()) >= self._proxima:
            self._valor, self._proxima = self._medir(), ahora + MEDIR_SALIDA_S
        return self._valor


def cierres(admision: Admision) -> list[Problema]:
    """Return a problem while no start of a saga is admitted, with the reason."""
    cierre = admision.cierre
    return [Problema("admisión de sagas", cierre.desde, cierre.motivo)] if cierre else []

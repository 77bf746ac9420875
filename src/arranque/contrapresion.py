"""The loops of back-pressure: each process tells how late it is; the one that starts sagas listens."""

from aeropartners.seedwork.aplicacion.admision import Admision
from aeropartners.seedwork.infraestructura.web.salud import Problema
from arranque.contenedor import Contenedor
from arranque.hilos import Hilo, Ronda

MIRAR_S = 1.0


def hilos(c: Contenedor, admite: bool) -> list[Hilo]:
    """Return the loops of a process, one that lets sagas in or one that only works for them."""
    retrasos, admision, tablon = c.retrasos(), c.admision(), c.tablon()
    decir = Hilo("retrasos", lambda: Ronda(retrasos.una_ronda, retrasos.terminar), pausa_s=MIRAR_S)
    mirar = Hilo("admision", lambda: Ronda(lambda: admision.mirar(tablon.peor())), pausa_s=MIRAR_S)
    return [decir, mirar] if admite else [decir]


def cierres(admision: Admision) -> list[Problema]:
    """Say why no saga is let in, if so."""
    cierre = admision.cierre
    return [Problema("admisión de sagas", cierre.desde, cierre.motivo)] if cierre else []

"""The loops of a process, those of each of its pieces."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property

from flask import Flask

from aeropartners.arranque.contenedor import Contenedor
from aeropartners.arranque.proceso.guardian import Guardian
from aeropartners.arranque.proceso.hilos import Hilo
from aeropartners.arranque.sistemas import SISTEMAS
from aeropartners.seedwork.aplicacion.bucles.bucle import Ronda
from aeropartners.seedwork.aplicacion.bucles.escritor import Escritor
from aeropartners.seedwork.aplicacion.puertos import Suscripcion
from aeropartners.seedwork.infraestructura.almacen.almacen import Persistencia
from aeropartners.seedwork.infraestructura.almacen.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.montaje import Montaje
from aeropartners.seedwork.infraestructura.operacion.particiones import Mantenimiento
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.seedwork.infraestructura.totales.proyector import Proyector
from saga_orchestrator.modulo import NOMBRE as SAGA

__all__ = ["SAGA", "Bucles"]
PROYECTAR_S = 0.25
# Seconds that timers wait after a round in which nothing was due: PLAZOS_S with deadlines of sagas, else
# REINTENTOS_S, as a message is tried again after one second at least.
PLAZOS_S, REINTENTOS_S = 0.2, 0.5


class Bucles:
    """Makes the loops of a process; `Proceso` starts and stops them."""

    def __init__(self, contenedor: Contenedor) -> None:
        self.c = contenedor
        self.config = contenedor.config()
        self.hilos: list[Hilo] = []
        self.guardian = Guardian(self.hilos)
        self.escritores: dict[str, Escritor] = {}
        self.mantenimiento: Mantenimiento | None = None
        self.suscripciones: dict[str, Suscripcion] = {}
        self.aplicaciones: dict[str, Flask] = contenedor.caminos().aplicaciones

    def anadir_modulos(self, nombres: Collection[str]) -> None:
        """Add the loops of these pieces; `saga` is the orchestrator's."""
        self.c.en_marcha().update(nombres)
        piezas = [self.c.piezas()[nombre] for nombre in nombres]
        for pieza in piezas:
            montado = self._montaje.montar(pieza)
            self.escritores[pieza.nombre] = montado.escritor
            for nombre, fabricar in montado.bucles.items():
                self.hilos.append(Hilo(nombre, fabricar, pausa_s=_pausa_s(nombre, pieza), vital=True))
        if suyas := [p for pieza in piezas for p in pieza.proyecciones]:
            proyector = Proyector(self.c.motor(), suyas)
            self.hilos.append(Hilo("proyector", lambda: Ronda(proyector.una_ronda), pausa_s=PROYECTAR_S))

    def poner_datos_iniciales(self) -> None:
        """Hand every system's initial data to its pieces, in order, a transaction each, as the owner.

        What they publish waits in the outbox until a process has a relay. Raises ErrorDeDominio.
        """
        for sistema in SISTEMAS:
            for nombre, mensaje in sistema.datos_iniciales(self.c):
                self.poner(nombre, mensaje)

    def poner(self, nombre: str, mensaje: object) -> None:
        """Hand a message to a piece, as initial data are. Raises ErrorDeDominio."""
        montaje = replace(self._montaje, unidad=self._unidad_del_dueno)
        montaje.hacer(self.c.piezas()[nombre], mensaje)

    @cached_property
    def _montaje(self) -> Montaje:
        c = self.c
        return Montaje(
            self._unidad,
            c.publicador(),
            c.ids(),
            c.reloj(),
            self._suscribir,
            c.retrasos().nuevo,
            exclusiva=c.exclusiva(),
        )

    def _unidad(self, persistencia: Persistencia) -> UnidadSQL:
        return UnidadSQL(self.c.motor(), persistencia, self.c.reloj(), self.c.ids())

    def _unidad_del_dueno(self, persistencia: Persistencia) -> UnidadSQL:
        return UnidadSQL(self.c.motor_admin(), persistencia, self.c.reloj(), self.c.ids())

    def _suscribir(self, _bucle: str, temas: Sequence[str], nombre: str) -> Suscripcion:
        """Open a subscription and keep it, so that health and metrics can tell whether it is served."""
        abierta = self.suscripciones[nombre] = self.c.broker().suscribir(temas, nombre)
        return abierta


def _pausa_s(bucle: str, pieza: Pieza) -> float:
    """Return how many seconds a loop waits after an empty round; consumers and writers wait by themselves."""
    if not bucle.startswith("vigilante-"):
        return 0.0
    return PLAZOS_S if pieza.despertar else REINTENTOS_S

"""The loops of a process: those of each module that it was asked for, and what calls out for them."""

from collections.abc import Callable, Sequence
from typing import Any

from aeropartners.contratos import pagos as contrato_pagos
from aeropartners.contratos import partners as contrato_partners
from aeropartners.contratos import reporting as contrato_reporting
from aeropartners.modulos.pagos.aplicacion.cobros import tareas as tareas_pagos
from aeropartners.modulos.reporting.aplicacion.generacion import tareas as tareas_reporting
from aeropartners.seedwork.aplicacion.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.escritor import Escritor
from aeropartners.seedwork.aplicacion.llamador import Llamador
from aeropartners.seedwork.aplicacion.lote import Procesador
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.vigilante import Vigilante
from aeropartners.seedwork.infraestructura import particiones
from aeropartners.seedwork.infraestructura.proyector import Proyector
from aeropartners.seedwork.infraestructura.uow import UnidadSQL
from arranque.caminos import Caminos
from arranque.contenedor import Contenedor
from arranque.hilos import Hilo, Ronda
from arranque.vecinos import Vecinos
from saga_orchestrator.aplicacion.despertador import despertador
from saga_orchestrator.aplicacion.integraciones import tareas as tareas_partners
from saga_orchestrator.infraestructura.integraciones_http import IntegracionesHttp

MODULOS = ("campanas", "pagos", "reporting")
MODULOS_PARTNERS = ("partners", "alianzas")
SAGA = "saga"
PROYECTAR_S = 0.25


class Bucles:
    """Makes the loops; `Proceso` starts and stops them."""

    def __init__(self, contenedor: Contenedor) -> None:
        self.c = contenedor
        self.config = contenedor.config()
        self.hilos: list[Hilo] = []
        self.caminos = Caminos(contenedor)
        self.vecinos = Vecinos(contenedor)
        self.escritores: dict[str, Escritor] = {}
        self._ejecutores: dict[str, Ejecutor] = {}
        self._empezados: set[str] = set()

    def anadir_modulos(self, nombres: Sequence[str]) -> None:
        """Add the loops of these modules; `saga` is the orchestrator."""
        self.vecinos.modulos |= set(nombres)
        for nombre in nombres:
            self._anadir(nombre)
            if llamadas := self._llamadas().get(nombre):
                self._llamador(nombre, *llamadas)
        suyas = [p for nombre in nombres for p in self.c.proyecciones()[nombre]]
        if suyas:
            proyector = Proyector(self.c.motor(), suyas)
            self.hilos.append(Hilo("proyector", lambda: Ronda(proyector.una_ronda), pausa_s=PROYECTAR_S))

    def _llamadas(self) -> dict[str, tuple[str, str, Callable[[], Callable[[Sobre], Any]]]]:
        """Who calls out: the topic of its orders, the subscription, and what an order does."""
        p, r, s = contrato_pagos, contrato_reporting, contrato_partners
        integraciones = self.caminos.integraciones
        return {
            "pagos": (p.TEMA_LLAMADAS, p.SUSCRIPCION_LLAMADAS, lambda: tareas_pagos(self.c.pasarela())),
            "reporting": (
                r.TEMA_LLAMADAS,
                r.SUSCRIPCION_LLAMADAS,
                lambda: tareas_reporting(self.vecinos.fuente()),
            ),
            SAGA: (
                s.TEMA_LLAMADAS,
                s.SUSCRIPCION_LLAMADAS,
                lambda: tareas_partners(IntegracionesHttp(integraciones())),
            ),
        }

    def _anadir(self, nombre: str) -> None:
        ids, reloj = self.c.ids(), self.c.reloj()
        modulo = getattr(self.c, f"modulo_{nombre}")()
        ejecutor = self._ejecutor(nombre)
        escritor = self.escritores[nombre] = Escritor(ejecutor, ids, reloj)
        despertar = despertador(ids) if nombre == SAGA else None

        def consumidor() -> Consumidor:
            bucle = Consumidor(
                ejecutor,
                lambda: self.c.broker().suscribir(modulo.temas, modulo.suscripcion),
                reloj,
                self.c.turno(),
                self.c.retrasos().nuevo(f"consumidor-{nombre}"),
            )
            self._empezar(f"consumidor-{nombre}", bucle)
            return bucle

        if modulo.temas:
            self.hilos.append(Hilo(f"consumidor-{nombre}", consumidor))
        self.hilos += [
            Hilo(f"escritor-{nombre}", lambda: Ronda(lambda: escritor.una_ronda(0.1))),
            Hilo(f"vigilante-{nombre}", lambda: Ronda(Vigilante(ejecutor, despertar).una_ronda), pausa_s=0.2),
        ]

    def _ejecutor(self, nombre: str) -> Ejecutor:
        if nombre not in self._ejecutores:
            motor, reloj, ids = self.c.motor(), self.c.reloj(), self.c.ids()
            persistencia = getattr(self.c, f"persistencia_{nombre}")()
            self._ejecutores[nombre] = Ejecutor(
                Procesador(getattr(self.c, f"modulo_{nombre}")(), ids),
                lambda: UnidadSQL(motor, persistencia, reloj, ids),
                self.c.publicador(),
            )
        return self._ejecutores[nombre]

    def _llamador(
        self, nombre: str, tema: str, suscripcion: str, fabricar: Callable[[], Callable[[Sobre], Any]]
    ) -> None:
        ejecutor, tareas = self._ejecutor(nombre), fabricar()

        def llamador() -> Llamador:
            bucle = Llamador(
                ejecutor,
                lambda: self.c.broker().suscribir([tema], suscripcion),
                tareas,
                self.c.ids(),
                self.c.reloj(),
                turno=self.c.turno(),
                retraso=self.c.retrasos().nuevo(f"llamador-{nombre}"),
            )
            self._empezar(f"llamador-{nombre}", bucle)
            return bucle

        self.hilos.append(Hilo(f"llamador-{nombre}", llamador))

    def _empezar(self, nombre: str, bucle: Consumidor | Llamador) -> None:
        """Begin a loop; with care only if it is the first of its name in this process."""
        bucle.empezar(tras_otro_proceso=nombre not in self._empezados)
        self._empezados.add(nombre)

    def _particiones(self) -> int:
        particiones.mantener(self.c.motor(), self.c.reloj().ahora())
        return 0

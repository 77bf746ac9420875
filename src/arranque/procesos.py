"""What runs in a process: the loops of its modules, and its HTTP services."""

import time
from collections.abc import Sequence
from typing import Any

import httpx
import structlog
from flask import Flask
from flask_smorest import Blueprint
from sqlalchemy.exc import OperationalError

from aeropartners.modulos.campanas import modulo as campanas
from aeropartners.modulos.pagos import modulo as pagos
from aeropartners.modulos.reporting import modulo as reporting
from aeropartners.seedwork.aplicacion.puntos import armar
from aeropartners.seedwork.aplicacion.relevo import Relevo
from aeropartners.seedwork.infraestructura import migraciones, particiones, sesiones
from aeropartners.seedwork.infraestructura.administracion_pulsar import TemasIncompletos
from aeropartners.seedwork.infraestructura.muertos import Muertos
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from aeropartners.seedwork.infraestructura.web.auditoria import rutas_auditoria
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.formas import DETALLE, Forma
from aeropartners.seedwork.infraestructura.web.metricas import rutas_metricas
from aeropartners.seedwork.infraestructura.web.permisos import exige
from aeropartners.seedwork.infraestructura.web.puerta import Puerta
from aeropartners.seedwork.infraestructura.web.raiz import ruta_raiz
from aeropartners.seedwork.infraestructura.web.salud import Problema, rutas_salud
from arranque import contrapresion
from arranque.bucles import MODULOS, MODULOS_PARTNERS, SAGA, Bucles
from arranque.hilos import ESPERA_MAXIMA_S, ESPERA_MINIMA_S, Hilo, Ronda
from arranque.metricas_admision import MetricasAdmision
from arranque.metricas_bucles import MetricasBucles
from arranque.temas import temas
from bff.cliente import ClienteOrquestador
from bff.rutas import rutas as rutas_bff
from saga_orchestrator.infraestructura import api as api_saga
from saga_orchestrator.infraestructura import api_flujo, api_muertos, api_operador
from saga_orchestrator.infraestructura import limpieza as limpieza_sagas
from saga_orchestrator.infraestructura.metricas import MetricasSagas
from saga_orchestrator.infraestructura.metricas_espera import MetricasEspera

log = structlog.get_logger(__name__)

__all__ = ["MODULOS", "MODULOS_PARTNERS", "SAGA", "Proceso"]
TIMEOUT_MINUTOS = 30
TEMAS_S = 15.0
ORQUESTADOR = "saga-orchestrator"
PRINCIPAL = "aeropartners-microservices"


class SinMigrar(Exception):
    """The database lacks what this code needs; `aeropartners migrar` makes it."""


class Proceso(Bucles):
    """The loops and applications that a process was asked for."""

    def migrar(self) -> None:
        """Bring database and broker to what this code needs; any number of times, from any process."""
        motor = self.c.motor_admin()
        migraciones.aplicar(motor)
        particiones.mantener(motor, self.c.reloj().ahora())
        todos = temas(self._todos_los_modulos(), self.config.particiones)
        if (tienda := self.c.tienda()) is not None:
            tienda.preparar({t: tema.suscripciones for t, tema in todos.items()})
        else:
            self.c.administracion().crear(todos)

    def comprobar(self) -> None:
        """Raise unless `migrar` was run for this code and this configuration."""
        if not migraciones.al_dia(self.c.motor()):
            raise SinMigrar("La base de datos no está al día: ejecute `aeropartners migrar`")
        if not self.config.embebida:
            todos = temas(self._todos_los_modulos(), self.config.particiones)
            self.c.administracion().comprobar(todos)

    def esperar(self) -> None:
        """`comprobar`, as soon as database and broker answer: they may be starting as well.

        A broker that has just started says of a topic that nobody is subscribed to it until it has loaded
        it: what it lacks is believed when it says so for `TEMAS_S`.
        """
        pausa, paciencia = ESPERA_MINIMA_S, TEMAS_S
        while True:
            try:
                return self.comprobar()
            except TemasIncompletos as error:
                if paciencia <= 0:
                    raise
                paciencia -= pausa
                motivo: Exception = error
            except (OperationalError, httpx.HTTPError) as error:
                motivo = error
            log.warning("esperando_servicios", error=f"{type(motivo).__name__}: {motivo}"[:300])
            time.sleep(pausa)
            pausa = min(pausa * 2, ESPERA_MAXIMA_S)

    def empezar(self) -> None:
        """Start the publisher, the relay and all loops."""
        if punto := self.config.punto_de_choque:
            log.warning("punto_de_choque_armado", punto=punto[0], vez=punto[1])
            armar(*punto)
        publicador = self.c.publicador()
        self.hilos.append(Hilo("publicador", lambda: Ronda(lambda: int(publicador.una_ronda(0.1)))))
        self.hilos.append(
            Hilo("relevo", lambda: Relevo(self.c.salida(), self.c.broker(), publicador), pausa_s=0.5)
        )
        self.hilos.append(Hilo("sesiones", lambda: Ronda(lambda: sesiones.soltar(self.c.motor())), pausa_s=1))
        self.hilos.append(Hilo("particiones", lambda: Ronda(self._particiones), pausa_s=3600))
        self.hilos += contrapresion.hilos(self.c, admite=SAGA in self.escritores)
        for hilo in self.hilos:
            hilo.empezar()

    def averias(self) -> list[Problema]:
        """Say which loops do not work, and since when."""
        rotos = ((h.nombre, h.averia) for h in self.hilos)
        return [Problema(f"bucle {nombre}", a.desde, a.error) for nombre, a in rotos if a]

    def soltar_lectores(self) -> None:
        """End the streams, which would otherwise last as long as their readers want."""
        self.c.flujo().cerrar()

    def parar(self) -> bool:
        """Drain: loops, then the publisher, then the relay, which cleans up; True when all ended in time."""
        self.soltar_lectores()
        finales = ("publicador", "relevo")
        grupos = [[h for h in self.hilos if h.nombre not in finales]]
        grupos += [[h for h in self.hilos if h.nombre == nombre] for nombre in finales]
        terminados = []
        for grupo in grupos:
            for hilo in grupo:
                hilo.parar()
            terminados += [hilo.esperar(30) for hilo in grupo]
        if not all(terminados):
            return False
        self.c.motor().cerrar()
        if (tienda := self.c.tienda()) is not None:
            tienda.cerrar()
        return True

    # Applications

    def app_orquestador(self) -> Flask:
        """The orchestrator's REST (8091)."""
        motor, permitida, admision = self.c.motor(), self.config.permitir_limpieza, self.c.admision()
        casos = api_saga.RutasSaga(
            Escritura(self.escritores[SAGA], ORQUESTADOR),
            Puerta(admision, motor, ORQUESTADOR),
            self.c.lecturas_saga(),
            self.c.ids(),
            self.vecinos.leer_pago,
            self.config.saga_timeout_minutos or TIMEOUT_MINUTOS,
        )
        borrado = limpieza_sagas.rutas(
            limpieza_sagas.LimpiezaSagas(motor, permitida, self.c.totales_saga()),
            campanas.limpieza(motor, permitida).todo,
            pagos.limpieza(motor, permitida).todo,
        )
        salud = rutas_salud(ORQUESTADOR, motor, self.averias, vecinos=lambda: contrapresion.cierres(admision))
        explicacion = self.c.explicacion()
        metricas = rutas_metricas(
            [
                MetricasSagas(self.c.lecturas_saga(), self.c.registro()),
                MetricasEspera(explicacion),
                self.c.metricas_bandejas(),
                MetricasBucles(self.hilos, self.c.retrasos()),
                MetricasAdmision(admision),
            ]
        )
        operador = [
            api_operador.rutas_sagas(explicacion, self.c.seleccion()),
            api_muertos.rutas_muertos(self._muertos()),
            api_flujo.rutas_flujo(self.c.flujo()),
            rutas_auditoria(motor),
        ]
        rutas = [borrado, *api_saga.rutas(casos), *operador, salud, metricas, ruta_raiz(ORQUESTADOR)]
        return self.app("Orquestador de SAGAs", rutas)

    def app_bff(self, cliente: ClienteOrquestador) -> Flask:
        """The BFF (8090)."""

        def vecinos() -> list[Problema]:
            caido = cliente.caido_desde
            return [Problema("orquestador", caido, "no contesta")] if caido else []

        salud = rutas_salud(PRINCIPAL, None, self.averias, vecinos=vecinos)
        metricas = rutas_metricas([MetricasBucles(self.hilos)])
        return self.app("BFF", [rutas_bff(cliente, exige), salud, metricas, ruta_raiz("event-collector-bff")])

    def app_principal(self, cliente: ClienteOrquestador, nombres: Sequence[str] = MODULOS) -> Flask:
        """The main application (8000): the modules' REST, and /saga."""
        motor, ids, limpieza = self.c.motor(), self.c.ids(), self.config.permitir_limpieza
        rutas: list[Blueprint] = [
            rutas_bff(cliente, exige),
            rutas_salud(PRINCIPAL, motor, self.averias),
            rutas_metricas([self.c.metricas_bandejas(), MetricasBucles(self.hilos, self.c.retrasos())]),
            ruta_raiz(PRINCIPAL),
        ]
        if "campanas" in nombres:
            rutas += campanas.rutas(self.escritores["campanas"], motor, ids, limpieza)
        if "pagos" in nombres:
            rutas += pagos.rutas(self.escritores["pagos"], motor, ids, limpieza)
        if "reporting" in nombres:
            rutas += reporting.rutas(
                self.escritores["reporting"], self.c.lecturas_reporting(), ids, self.vecinos.fuente()
            )
        self.vecinos.principal = self.app("Aeropartners", rutas)
        return self.vecinos.principal

    def app(self, titulo: str, rutas: Sequence[Blueprint], forma: Forma = DETALLE) -> Flask:
        """Return an application of this process: its door, its audit, and the form of its system's errors."""
        auditor = self.c.auditor() if self.config.con_base else None
        return crear_aplicacion(
            titulo,
            rutas,
            acceso=self.c.acceso(),
            auditor=auditor,
            forma=forma,
            cors=self.config.cors_origins,
        )

    # Neighbours

    def _muertos(self) -> Muertos:
        vigilados = {m.suscripcion: tuple(m.traductores) for m in self._todos_los_modulos()}
        return Muertos(self.c.motor(), self.c.reloj(), self.c.ids(), vigilados)

    def _todos_los_modulos(self) -> list[Any]:
        return [getattr(self.c, f"modulo_{nombre}")() for nombre in (SAGA, *MODULOS, *MODULOS_PARTNERS)]

"""What runs in a process: the loops of its modules, and its HTTP services."""

import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import httpx
import structlog
from flask import Flask
from flask_smorest import Blueprint
from sqlalchemy.exc import OperationalError

from aeropartners.contratos import pagos as contrato_pagos
from aeropartners.contratos import reporting as contrato_reporting
from aeropartners.modulos.campanas import modulo as campanas
from aeropartners.modulos.pagos import modulo as pagos
from aeropartners.modulos.pagos.aplicacion.cobros import tareas as tareas_pagos
from aeropartners.modulos.reporting import modulo as reporting
from aeropartners.modulos.reporting.aplicacion.generacion import tareas as tareas_reporting
from aeropartners.modulos.reporting.infraestructura.fuente_http import FuenteHttp
from aeropartners.seedwork.aplicacion.consumidor import Consumidor
from aeropartners.seedwork.aplicacion.ejecutor import Ejecutor
from aeropartners.seedwork.aplicacion.escritor import Escritor
from aeropartners.seedwork.aplicacion.llamador import Llamador
from aeropartners.seedwork.aplicacion.lote import Procesador
from aeropartners.seedwork.aplicacion.mensajes import Sobre
from aeropartners.seedwork.aplicacion.puntos import armar
from aeropartners.seedwork.aplicacion.relevo import Relevo
from aeropartners.seedwork.aplicacion.vigilante import Vigilante
from aeropartners.seedwork.infraestructura import migraciones, particiones, sesiones
from aeropartners.seedwork.infraestructura.muertos import Muertos
from aeropartners.seedwork.infraestructura.proyector import Proyector
from aeropartners.seedwork.infraestructura.uow import UnidadSQL
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.metricas import rutas_metricas
from aeropartners.seedwork.infraestructura.web.puerta import Puerta
from aeropartners.seedwork.infraestructura.web.raiz import ruta_raiz
from aeropartners.seedwork.infraestructura.web.salud import Problema, rutas_salud
from arranque import contrapresion
from arranque.contenedor import Contenedor
from arranque.hilos import ESPERA_MAXIMA_S, ESPERA_MINIMA_S, Hilo, Ronda
from arranque.lector_pagos import leer_pago
from arranque.metricas_admision import MetricasAdmision
from arranque.metricas_bucles import MetricasBucles
from arranque.temas import temas
from bff.cliente import ClienteOrquestador
from bff.rutas import rutas as rutas_bff
from saga_orchestrator.aplicacion.despertador import despertador
from saga_orchestrator.dominio.definicion import Estados
from saga_orchestrator.infraestructura import api as api_saga
from saga_orchestrator.infraestructura import api_flujo, api_muertos, api_operador
from saga_orchestrator.infraestructura import limpieza as limpieza_sagas
from saga_orchestrator.infraestructura.metricas import MetricasSagas
from saga_orchestrator.infraestructura.metricas_espera import MetricasEspera

log = structlog.get_logger(__name__)

MODULOS = ("campanas", "pagos", "reporting")
SAGA = "saga"
PROYECTAR_S = 0.25
ORQUESTADOR = "saga-orchestrator"
PRINCIPAL = "aeropartners-microservices"


class Proceso:
    """The loops and applications that a process was asked for."""

    def __init__(self, contenedor: Contenedor) -> None:
        self.c = contenedor
        self.config = contenedor.config()
        self.hilos: list[Hilo] = []
        self._ejecutores: dict[str, Ejecutor] = {}
        self._empezados: set[str] = set()
        self._escritores: dict[str, Escritor] = {}
        self._app_principal: Flask | None = None

    def migrar(self) -> None:
        """Bring database and broker to what this code needs; any number of times, from any process."""
        motor = self.c.motor()
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
            raise RuntimeError("La base de datos no está al día: ejecute `aeropartners migrar`")
        if not self.config.embebida:
            todos = temas(self._todos_los_modulos(), self.config.particiones)
            self.c.administracion().comprobar(todos)

    def esperar(self) -> None:
        """`comprobar`, as soon as database and broker answer: they may be starting as well."""
        pausa = ESPERA_MINIMA_S
        while True:
            try:
                return self.comprobar()
            except (OperationalError, httpx.HTTPError) as error:
                log.warning("esperando_servicios", error=f"{type(error).__name__}: {error}"[:300])
            time.sleep(pausa)
            pausa = min(pausa * 2, ESPERA_MAXIMA_S)

    def anadir_modulos(self, nombres: Sequence[str]) -> None:
        """Add the loops of these modules; `saga` is the orchestrator."""
        for nombre in nombres:
            self._anadir(nombre)
        if "pagos" in nombres:
            self._llamador(
                "pagos",
                contrato_pagos.TEMA_LLAMADAS,
                contrato_pagos.SUSCRIPCION_LLAMADAS,
                tareas_pagos(self.c.pasarela()),
            )
        if "reporting" in nombres:
            self._llamador(
                "reporting",
                contrato_reporting.TEMA_LLAMADAS,
                contrato_reporting.SUSCRIPCION_LLAMADAS,
                tareas_reporting(self._fuente()),
            )

        suyas = [p for nombre in nombres for p in self.c.proyecciones()[nombre]]
        if suyas:
            proyector = Proyector(self.c.motor(), suyas)
            self.hilos.append(Hilo("proyector", lambda: Ronda(proyector.una_ronda), pausa_s=PROYECTAR_S))

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
        self.hilos += contrapresion.hilos(self.c, admite=SAGA in self._escritores)
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
            Escritura(self._escritores[SAGA], ORQUESTADOR),
            Puerta(admision, motor, ORQUESTADOR),
            self.c.lecturas_saga(),
            self.c.ids(),
            self._leer_pago,
            self.config.saga_timeout_minutos,
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
                MetricasSagas(self.c.lecturas_saga(), Estados()),
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
        ]
        rutas = [borrado, *api_saga.rutas(casos), *operador, salud, metricas, ruta_raiz(ORQUESTADOR)]
        return self._app("Orquestador de SAGAs", rutas)

    def app_bff(self, cliente: ClienteOrquestador) -> Flask:
        """The BFF (8090)."""

        def vecinos() -> list[Problema]:
            caido = cliente.caido_desde
            return [Problema("orquestador", caido, "no contesta")] if caido else []

        salud = rutas_salud(PRINCIPAL, None, self.averias, vecinos=vecinos)
        metricas = rutas_metricas([MetricasBucles(self.hilos)])
        return self._app("BFF", [rutas_bff(cliente), salud, metricas, ruta_raiz("event-collector-bff")])

    def app_principal(self, cliente: ClienteOrquestador, nombres: Sequence[str] = MODULOS) -> Flask:
        """The main application (8000): the modules' REST, and /saga."""
        motor, ids, limpieza = self.c.motor(), self.c.ids(), self.config.permitir_limpieza
        rutas: list[Blueprint] = [
            rutas_bff(cliente),
            rutas_salud(PRINCIPAL, motor, self.averias),
            rutas_metricas([self.c.metricas_bandejas(), MetricasBucles(self.hilos, self.c.retrasos())]),
            ruta_raiz(PRINCIPAL),
        ]
        if "campanas" in nombres:
            rutas += campanas.rutas(self._escritores["campanas"], motor, ids, limpieza)
        if "pagos" in nombres:
            rutas += pagos.rutas(self._escritores["pagos"], motor, ids, limpieza)
        if "reporting" in nombres:
            rutas += reporting.rutas(
                self._escritores["reporting"], self.c.lecturas_reporting(), ids, self._fuente()
            )
        self._app_principal = self._app("Aeropartners", rutas)
        return self._app_principal

    def _app(self, titulo: str, rutas: Sequence[Blueprint]) -> Flask:
        return crear_aplicacion(titulo, rutas, cors=self.config.cors_origins)

    # Loops

    def _anadir(self, nombre: str) -> None:
        ids, reloj = self.c.ids(), self.c.reloj()
        modulo = getattr(self.c, f"modulo_{nombre}")()
        ejecutor = self._ejecutor(nombre)
        escritor = self._escritores[nombre] = Escritor(ejecutor, ids, reloj)
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

        self.hilos += [
            Hilo(f"consumidor-{nombre}", consumidor),
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

    def _llamador(self, nombre: str, tema: str, suscripcion: str, tareas: Callable[[Sobre], Any]) -> None:
        ejecutor = self._ejecutor(nombre)

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

    def _fuente(self) -> FuenteHttp:
        def propia(entorno: Any, responder: Any) -> Any:
            assert self._app_principal is not None
            return self._app_principal(entorno, responder)

        return FuenteHttp(self.c.lecturas_reporting().activa, self.config.campaigns_url, propia)

    def _muertos(self) -> Muertos:
        vigilados = {m.suscripcion: tuple(m.traductores) for m in self._todos_los_modulos()}
        return Muertos(self.c.motor(), self.c.reloj(), self.c.ids(), vigilados)

    def _leer_pago(self, id: UUID) -> dict[str, Any] | None:
        if self._app_principal is not None:
            respuesta = self._app_principal.test_client().get(f"/pagos/{id}")
            return respuesta.get_json() if respuesta.status_code == 200 else None
        return leer_pago(self.config.pagos_url, id)

    def _todos_los_modulos(self) -> list[Any]:
        return [getattr(self.c, f"modulo_{nombre}")() for nombre in (SAGA, *MODULOS)]

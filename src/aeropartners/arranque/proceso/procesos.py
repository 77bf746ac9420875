"""A process: the loops of its modules, and its HTTP applications."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import httpx
import structlog
from flask import Flask
from flask_smorest import Blueprint
from sqlalchemy.exc import OperationalError

from aeropartners.arranque.config import ConfiguracionInvalida
from aeropartners.arranque.proceso import censo, contrapresion
from aeropartners.arranque.proceso.bucles import SAGA, Bucles
from aeropartners.arranque.proceso.hilos import ESPERA_MAXIMA_S, ESPERA_MINIMA_S, Hilo
from aeropartners.arranque.proceso.metricas_admision import MetricasAdmision
from aeropartners.arranque.proceso.metricas_bucles import MetricasBucles
from aeropartners.arranque.proceso.metricas_censo import MetricasCenso
from aeropartners.arranque.temas import temas
from aeropartners.seedwork.aplicacion.bucles.bucle import Ronda
from aeropartners.seedwork.aplicacion.bucles.relevo import Relevo
from aeropartners.seedwork.aplicacion.puertos import Bloqueado, ConexionPerdida
from aeropartners.seedwork.aplicacion.puntos_de_choque import armar
from aeropartners.seedwork.infraestructura import migraciones
from aeropartners.seedwork.infraestructura.base.archivos_privados import CERROJO, carpeta_privada
from aeropartners.seedwork.infraestructura.base.direcciones import es_de_esta_maquina
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import TemasIncompletos
from aeropartners.seedwork.infraestructura.operacion import sesiones
from aeropartners.seedwork.infraestructura.operacion.muertos import Muertos
from aeropartners.seedwork.infraestructura.operacion.particiones import Mantenimiento
from aeropartners.seedwork.infraestructura.pieza import puntos_de
from aeropartners.seedwork.infraestructura.web.acceso.accesos_negados import RegistroDeAccesosNegados
from aeropartners.seedwork.infraestructura.web.aplicacion import crear_aplicacion
from aeropartners.seedwork.infraestructura.web.formas_de_error import DETALLE, FormaDeError
from aeropartners.seedwork.infraestructura.web.rutas.salud import Problema
from bff.cliente import ClienteOrquestador, EnProceso, PorRed
from saga_orchestrator.infraestructura.consultas.metricas import MetricasSagas
from saga_orchestrator.infraestructura.consultas.metricas_espera import MetricasEspera

log = structlog.get_logger(__name__)

__all__ = ["SAGA", "Proceso"]
TEMAS_S = 15.0
MANTENIMIENTO_S = 300.0
# The files that may lie in the data folder.
NUESTROS = ("aeropartners.db", "broker.db", "auditoria.json", CERROJO)


class SinMigrar(Exception):
    """The database must be migrated by `aeropartners migrar`, or is too new for this code."""


class Proceso(Bucles):
    """The loops and applications of a process; `aplicaciones` are the applications by service."""

    # The audit of any of the applications: they share one in the process.
    _vigia: RegistroDeAccesosNegados | None = None

    def migrar(self) -> migraciones.Esquema:
        """Migrate database and broker; safe any number of times and from any process.

        Return the schema found before; one of a newer release is left as it is, with its data. Raises the
        ErrorDeDominio of a module that refuses its initial data.
        """
        if self.config.embebida or not self.config.con_base:
            carpeta_privada(self.config.datos, lambda nombre: nombre.startswith(NUESTROS))
        motor = self.c.motor_admin()
        hallado = migraciones.aplicar(motor)
        Mantenimiento(motor, self.c.reloj()).una_ronda()
        if not hallado.mas_nuevo:
            self.poner_datos_iniciales()
        todos = temas(self.c.piezas().values(), self.config.particiones)
        if (tienda := self.c.tienda()) is not None:
            tienda.preparar({t: tema.suscripciones for t, tema in todos.items()})
        else:
            self.c.administracion().crear(todos)
        return hallado

    def comprobar(self) -> None:
        """Raise SinMigrar or TemasIncompletos unless `migrar` was run for this code and configuration."""
        motor = self.c.motor()
        if reparo := migraciones.mirar(motor).reparo if motor.existe else migraciones.SIN_MIGRAR:
            raise SinMigrar(reparo)
        if not self.config.embebida:
            todos = temas(self.c.piezas().values(), self.config.particiones)
            self.c.administracion().comprobar(todos)

    def esperar(self) -> None:
        """Call `comprobar` until database and broker answer, as they may be starting too.

        A broker that has just started denies a topic's subscriptions until it has loaded the topic. So
        TemasIncompletos is believed only after TEMAS_S seconds.
        """
        self._esperando(self.comprobar)

    def _esperando(self, hacer: Callable[[], None]) -> None:
        pausa, paciencia = ESPERA_MINIMA_S, TEMAS_S
        while True:
            try:
                return hacer()
            except TemasIncompletos as error:
                if paciencia <= 0:
                    raise
                paciencia -= pausa
                motivo: Exception = error
            except (OperationalError, ConexionPerdida, Bloqueado, httpx.HTTPError) as error:
                motivo = error
            log.warning("esperando_servicios", error=f"{type(motivo).__name__}: {motivo}"[:300])
            time.sleep(pausa)
            pausa = min(pausa * 2, ESPERA_MAXIMA_S)

    def empezar(self, servicio: str = "aeropartners") -> None:
        """Start the publisher, the relay, the upkeep and all loops; wait for a lost database.

        Raises DefinicionEditada or ConfiguracionInvalida before any loop starts.
        """
        if punto := self.config.punto_de_choque:
            if punto[0] not in puntos_de(self.c.piezas().values()):
                raise ConfiguracionInvalida(f"PUNTO_DE_CHOQUE={punto[0]!r}: nadie pasa por ahí")
            log.warning("punto_de_choque_armado", punto=punto[0], vez=punto[1])
            armar(*punto)
        publicador = self.c.publicador()

        def relevo() -> Relevo:
            return Relevo(self.c.salida(), self.c.broker(), publicador)

        self.hilos += [
            Hilo("publicador", lambda: Ronda(lambda: int(publicador.una_ronda(0.1))), vital=True),
            Hilo("relevo", relevo, pausa_s=0.5, vital=True),
        ]
        self.hilos.append(Hilo("sesiones", lambda: Ronda(lambda: sesiones.soltar(self.c.motor())), pausa_s=1))
        mantenimiento = self.mantenimiento = self.c.mantenimiento()
        self.hilos.append(
            Hilo("mantenimiento", lambda: Ronda(mantenimiento.una_ronda), pausa_s=MANTENIMIENTO_S)
        )
        self.hilos += contrapresion.hilos(self.c, admite=SAGA in self.escritores)
        self.hilos += censo.inscribir(self.c, servicio, tuple(self.escritores), SAGA)
        self._esperando(partial(censo.presentar, self.c, orquesta=SAGA in self.escritores))
        for hilo in self.hilos:
            hilo.empezar()
        self.guardian.empezar()

    def averias(self) -> list[Problema]:
        """Return the loops that fail, the subscriptions that are not served, and partitions that are missing.

        A lost broker is only a mild problem (`leve`): starts of sagas are accepted all the same.
        """
        rotos = ((h.nombre, h.averia) for h in self.hilos)
        averias = [Problema(f"bucle {nombre}", a.desde, a.error) for nombre, a in rotos if a]
        sordas = ((nombre, s.sordera) for nombre, s in tuple(self.suscripciones.items()))
        averias += [
            Problema(f"suscripción {nombre}", s.desde, s.causa, leve=s.sin_broker)
            for nombre, s in sordas
            if s
        ]
        if self.mantenimiento and self.mantenimiento.faltan:
            desde, nombres = self.mantenimiento.faltan
            averias.append(Problema("particiones", desde, f"faltan las de ahora: {', '.join(nombres)}"))
        return [*censo.reloj(self.c.desfase()), *averias]

    def avisos(self) -> list[Problema]:
        """Return the problems that hold up an orchestrator's work although its loops run."""
        return [*contrapresion.cierres(self.c.admision()), *censo.avisos(self.c.censo())]

    def soltar_lo_que_dura(self) -> None:
        """End the requests that last: event streams, and those that wait for the end of a saga."""
        self.c.flujo().cerrar()
        self.c.espera_de_sagas().cerrar()

    def parar(self) -> bool:
        """Stop the loops, then publisher, relay and census, in this order; True when all ended in time."""
        self.soltar_lo_que_dura()
        self.guardian.parar()
        finales = ("publicador", "relevo", "censo")
        grupos = [[h for h in self.hilos if h.nombre not in finales]]
        grupos += [[h for h in self.hilos if h.nombre == nombre] for nombre in finales]
        terminados = []
        for grupo in grupos:
            for hilo in grupo:
                hilo.parar()
            terminados += [hilo.esperar(30) for hilo in grupo]
        if not all(terminados):
            return False
        if self._vigia is not None:
            self._vigia.cerrar_minutos(todos=True)
        self.c.motor().cerrar()
        if (tienda := self.c.tienda()) is not None:
            tienda.cerrar()
        return True

    # Applications

    def cliente(self, servicio: str, url: str) -> ClienteOrquestador:
        """Return a client of the service: direct if this process serves it, otherwise over HTTP."""
        if (app := self.c.caminos().propia(servicio, url)) is not None:
            return ClienteOrquestador(EnProceso(app), self.c.clave_interna())
        return ClienteOrquestador(PorRed(url, self.c.confianza()), self.config.service_api_key)

    def metricas_de_bucles(self) -> list[Any]:
        """Return the metrics of a service without a database."""
        return [MetricasBucles(self.hilos)]

    def metricas(self) -> list[Any]:
        """Return the metrics of a service with a database."""
        bucles = MetricasBucles(self.hilos, self.c.retrasos(), self.suscripciones)
        return [self.c.metricas_bandejas(), self.c.metricas_mantenimiento(), bucles]

    def metricas_de_orquestador(self) -> list[Any]:
        """Return the metrics of an orchestrator."""
        c = self.c
        sagas = [MetricasSagas(c.lecturas_saga(), c.registro()), MetricasEspera(c.explicacion())]
        return [*sagas, *self.metricas(), MetricasAdmision(c.admision()), MetricasCenso(c.censo())]

    def app(self, titulo: str, rutas: Sequence[Blueprint], forma: FormaDeError = DETALLE) -> Flask:
        """Return an application of this process: its door, its audit, and the form of its system's errors."""
        auditor = self.c.auditor() if self.config.con_base else None
        app = crear_aplicacion(
            titulo,
            rutas,
            acceso=self.c.acceso(),
            auditor=auditor,
            forma=forma,
            cors=self.config.cors_origins,
            local=es_de_esta_maquina(self.config.host),
        )
        self._vigia = app.extensions["vigia"]
        return app

    def muertos(self) -> Muertos:
        """Return the operator's access to dead letters."""
        modulos = [pieza.modulo for pieza in self.c.piezas().values()]
        vigilados = {m.consumidor: tuple(m.traductores) for m in modulos}
        return Muertos(self.c.motor(), self.c.reloj(), self.c.ids(), vigilados)

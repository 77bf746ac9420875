"""Campaigns (contract 001): campaigns, payments and reports, one saga over the three."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask
from flask_smorest import Blueprint

from aeropartners.arranque.metricas_bucles import MetricasBucles
from aeropartners.arranque.sistemas import demo_campanas
from aeropartners.arranque.sistemas.descriptor import Servicio, Sistema, callados
from aeropartners.contratos import campanas as contrato
from aeropartners.contratos import pagos as contrato_pagos
from aeropartners.contratos import saga as contrato_saga
from aeropartners.modulos.campanas import modulo as campanas
from aeropartners.modulos.pagos import modulo as pagos
from aeropartners.modulos.reporting import modulo as reporting
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.seedwork.infraestructura.web.auditoria import rutas_auditoria
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.metricas import rutas_metricas
from aeropartners.seedwork.infraestructura.web.permisos import exige
from aeropartners.seedwork.infraestructura.web.raiz import ruta_raiz
from aeropartners.seedwork.infraestructura.web.salud import rutas_salud
from bff.cliente import ClienteOrquestador
from bff.rutas import rutas as rutas_bff
from saga_orchestrator.infraestructura import api as api_saga
from saga_orchestrator.infraestructura import api_flujo, api_muertos, api_operador, respuestas
from saga_orchestrator.infraestructura import limpieza as limpieza_sagas
from saga_orchestrator.infraestructura.flujo import LECTORES
from saga_orchestrator.modulo import NOMBRE as SAGA

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor
    from aeropartners.arranque.procesos import Proceso

MODULOS = ("campanas", "pagos", "reporting")
ORQUESTADOR = "saga-orchestrator"
PRINCIPAL = "aeropartners-microservices"
TIMEOUT_MINUTOS = 30
# A payment stays PENDIENTE for a third of what its gateway takes, so that it can be seen; at most so long.
DEMORA_MAXIMA_S = 1.0


def _piezas(c: "Contenedor") -> Sequence[Pieza]:
    demora_s = min(DEMORA_MAXIMA_S, c.config().gateway_latency_s / 3)
    return campanas.pieza(), pagos.pieza(demora_s, c.pasarela), reporting.pieza(c.vecinos().fuente)


def app_orquestador(proceso: "Proceso") -> Flask:
    """The orchestrator's REST (8091)."""
    motor, permitida, admision = proceso.c.motor(), proceso.config.permitir_limpieza, proceso.c.admision()
    casos = api_saga.RutasSaga(
        Escritura(proceso.escritores[SAGA], ORQUESTADOR, motor),
        admision,
        proceso.c.lecturas_saga(),
        proceso.c.ids(),
        proceso.vecinos.leer_pago,
        proceso.config.saga_timeout_minutos or TIMEOUT_MINUTOS,
    )
    borrado = limpieza_sagas.rutas(
        limpieza_sagas.LimpiezaSagas(motor, permitida, proceso.c.totales_saga()),
        campanas.limpieza(motor, permitida).todo,
        pagos.limpieza(motor, permitida).todo,
    )
    salud = rutas_salud(ORQUESTADOR, motor, proceso.averias, vecinos=proceso.avisos)
    explicacion = proceso.c.explicacion()
    metricas = rutas_metricas(proceso.metricas_de_orquestador())
    operador = [
        api_operador.rutas_sagas(
            explicacion, proceso.c.seleccion(), proceso.c.lecturas_saga(), proceso.c.registro().tipos
        ),
        api_muertos.rutas_muertos(proceso.muertos()),
        api_flujo.rutas_flujo(proceso.c.flujo()),
        rutas_auditoria(motor),
    ]
    rutas = [borrado, *api_saga.rutas(casos), *operador, salud, metricas, ruta_raiz(ORQUESTADOR)]
    return proceso.app("Orquestador de SAGAs", rutas)


def app_bff(proceso: "Proceso", cliente: ClienteOrquestador) -> Flask:
    """The BFF (8090)."""
    salud = rutas_salud(PRINCIPAL, None, proceso.averias, vecinos=partial(callados, {"orquestador": cliente}))
    metricas = rutas_metricas([MetricasBucles(proceso.hilos)])
    return proceso.app(
        "BFF", [rutas_bff(cliente, exige, respuestas), salud, metricas, ruta_raiz("event-collector-bff")]
    )


def app_principal(proceso: "Proceso", cliente: ClienteOrquestador, piezas: Sequence[str] = MODULOS) -> Flask:
    """The main application (8000): the modules' REST, and /saga."""
    motor, ids, limpieza = proceso.c.motor(), proceso.c.ids(), proceso.config.permitir_limpieza
    rutas: list[Blueprint] = [
        rutas_bff(cliente, exige, respuestas),
        rutas_salud(PRINCIPAL, motor, proceso.averias),
        rutas_metricas(proceso.metricas()),
        ruta_raiz(PRINCIPAL),
    ]
    if "campanas" in piezas:
        rutas += campanas.rutas(proceso.escritores["campanas"], motor, ids, limpieza)
    if "pagos" in piezas:
        rutas += pagos.rutas(proceso.escritores["pagos"], motor, ids, limpieza)
    if "reporting" in piezas:
        rutas += reporting.rutas(
            proceso.escritores["reporting"], proceso.c.lecturas_reporting(), ids, proceso.vecinos.fuente()
        )
    proceso.vecinos.principal = proceso.app("Aeropartners", rutas)
    return proceso.vecinos.principal


def _orquestador(proceso: "Proceso") -> ClienteOrquestador:
    return proceso.cliente("orquestador", proceso.config.orquestador_url)


SISTEMA = Sistema(
    piezas=_piezas,
    temas_publicos=frozenset(
        {
            contrato_saga.TEMA_EVENTOS,
            contrato_saga.TEMA_INICIAR,
            contrato_pagos.TEMA_EVENTOS,
            *contrato_pagos.TEMAS_ESPEJO.values(),
            *contrato.TEMAS_PUBLICOS.values(),
            contrato.TEMA_GENERICO,
        }
    ),
    consumos={"PagoExitoso": (contrato.TEMA_PAGOS_EXITOSOS, contrato.SUSCRIPCION)},
    servicios=(
        Servicio(
            "orquestador",
            (SAGA,),
            lambda p, _: app_orquestador(p),
            "puerto_orquestador",
            "PUERTO_ORQUESTADOR",
            LECTORES,
        ),
        Servicio(
            "modulos",
            MODULOS,
            lambda p, piezas: app_principal(p, _orquestador(p), piezas),
            "puerto_principal",
            "PUERTO_PRINCIPAL",
        ),
        Servicio("bff", (), lambda p, _: app_bff(p, _orquestador(p)), "puerto_bff", "PUERTO_BFF"),
    ),
    puerta="bff",
    demostracion=demo_campanas.mostrar,
)

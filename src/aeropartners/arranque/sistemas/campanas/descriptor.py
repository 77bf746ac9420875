"""The descriptor of the system campanas."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask
from flask_smorest import Blueprint

from aeropartners.arranque.plataforma import rutas_de_operador
from aeropartners.arranque.servicio import Servicio
from aeropartners.arranque.sistemas.campanas import demo, vecinos
from aeropartners.arranque.sistemas.campanas.ajustes import BFF, MODULOS, ORQUESTADOR, AjustesCampanas
from aeropartners.arranque.sistemas.sistema import Sistema, callados
from aeropartners.contratos import campanas as contrato
from aeropartners.contratos import pagos as contrato_pagos
from aeropartners.contratos import saga as contrato_saga
from aeropartners.modulos.campanas import modulo as campanas
from aeropartners.modulos.pagos import modulo as pagos
from aeropartners.modulos.pagos.aplicacion.puertos import PasarelaPago
from aeropartners.modulos.pagos.infraestructura.pasarela import PasarelaSimulada
from aeropartners.modulos.pagos.infraestructura.pasarela_averiada import PasarelaAveriada
from aeropartners.modulos.reporting import modulo as reporting
from aeropartners.seedwork.aplicacion.puertos import Reloj
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.seedwork.infraestructura.web.acceso.permisos import exige
from aeropartners.seedwork.infraestructura.web.escritura import Escritura, con_clave_honrada
from aeropartners.seedwork.infraestructura.web.rutas.metricas import rutas_metricas
from aeropartners.seedwork.infraestructura.web.rutas.raiz import ruta_raiz
from aeropartners.seedwork.infraestructura.web.rutas.salud import rutas_salud
from bff.cliente import ClienteOrquestador
from bff.rutas import rutas as rutas_bff
from saga_orchestrator.infraestructura.consultas.flujo import LECTORES
from saga_orchestrator.infraestructura.sistema import SagasDeSistema
from saga_orchestrator.modulo import NOMBRE as SAGA
from saga_orchestrator.sistemas.campanas import api as api_saga
from saga_orchestrator.sistemas.campanas import limpieza as limpieza_sagas
from saga_orchestrator.sistemas.campanas import respuestas
from saga_orchestrator.sistemas.campanas.definicion import InicioEsquema
from saga_orchestrator.sistemas.campanas.sagas import TIMEOUT_MINUTOS, sagas

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor
    from aeropartners.arranque.proceso.procesos import Proceso

NOMBRE = "campanas"
PIEZAS = ("campanas", "pagos", "reporting")
# Names of services in answers and tables, given by the contract.
PRINCIPAL, SERVICIO_DE_SAGAS = "aeropartners-microservices", "saga-orchestrator"
# A payment stays PENDIENTE for a third of what its gateway takes, so that it can be seen; at most so long.
DEMORA_MAXIMA_S = 1.0


def _piezas(c: "Contenedor") -> Sequence[Pieza]:
    ajustes = c.config().de(AjustesCampanas)
    demora_s = min(DEMORA_MAXIMA_S, ajustes.gateway_latency_s / 3)
    return (
        campanas.pieza(),
        pagos.pieza(demora_s, lambda: _pasarela(ajustes, c.motor(), c.reloj())),
        reporting.pieza(lambda: vecinos.fuente(c)),
    )


def _pasarela(ajustes: AjustesCampanas, motor: Motor, reloj: Reloj) -> PasarelaPago:
    def simulada(latencia_s: float) -> PasarelaSimulada:
        return PasarelaSimulada(
            motor,
            reloj,
            latencia_s,
            Decimal(str(ajustes.gateway_limit)),
            ajustes.payment_success_rate,
            ajustes.gateway_seed,
        )

    buena = simulada(ajustes.gateway_latency_s)
    if not ajustes.gateway_faults:
        return buena
    lenta = simulada(ajustes.gateway_late_s)
    return PasarelaAveriada(buena, lenta, ajustes.gateway_faults, ajustes.gateway_seed)


def app_orquestador(proceso: "Proceso") -> Flask:
    """Return the orchestrator's REST API of campaign sagas (8091)."""
    motor, permitida, admision = proceso.c.motor(), proceso.config.permitir_limpieza, proceso.c.admision()
    casos = api_saga.RutasSaga(
        Escritura(proceso.escritores[SAGA], SERVICIO_DE_SAGAS, motor),
        admision,
        proceso.c.lecturas_saga(),
        proceso.c.ids(),
        partial(vecinos.pago, proceso.c),
        proceso.config.saga_timeout_minutos or TIMEOUT_MINUTOS,
    )
    borrado = limpieza_sagas.rutas(
        limpieza_sagas.LimpiezaSagas(motor, permitida, proceso.c.totales_saga()),
        campanas.limpieza(motor, permitida).todo,
        pagos.limpieza(motor, permitida).todo,
    )
    salud = rutas_salud(SERVICIO_DE_SAGAS, motor, proceso.averias, vecinos=proceso.avisos)
    metricas = rutas_metricas(proceso.metricas_de_orquestador())
    operador = rutas_de_operador(proceso, casos.escritura)
    rutas = [borrado, *api_saga.rutas(casos), *operador, salud, metricas, ruta_raiz(SERVICIO_DE_SAGAS)]
    return proceso.app("Orquestador de SAGAs", rutas)


def app_bff(proceso: "Proceso", cliente: ClienteOrquestador) -> Flask:
    """Return the BFF of campaigns (8090)."""
    salud = rutas_salud(PRINCIPAL, None, proceso.averias, vecinos=partial(callados, {"orquestador": cliente}))
    metricas = rutas_metricas(proceso.metricas_de_bucles())
    puerta = rutas_bff(cliente, exige, con_clave_honrada, respuestas, InicioEsquema())
    return proceso.app("BFF", [puerta, salud, metricas, ruta_raiz("event-collector-bff")])


def app_principal(proceso: "Proceso", cliente: ClienteOrquestador, piezas: Sequence[str] = PIEZAS) -> Flask:
    """Return the main application (8000): the REST APIs of the modules, and /saga."""
    motor, ids, limpieza = proceso.c.motor(), proceso.c.ids(), proceso.config.permitir_limpieza
    rutas: list[Blueprint] = [
        rutas_bff(cliente, exige, con_clave_honrada, respuestas, InicioEsquema()),
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
            proceso.escritores["reporting"],
            vecinos.lecturas_reporting(proceso.c),
            ids,
            vecinos.fuente(proceso.c),
        )
    return proceso.app("Aeropartners", rutas)


def _orquestador(proceso: "Proceso") -> ClienteOrquestador:
    return proceso.cliente(ORQUESTADOR, proceso.config.de(AjustesCampanas).orquestador_url)


def _sagas(c: "Contenedor") -> SagasDeSistema:
    config = c.config()
    return sagas(config.ajustes_de_sagas, config.saga_timeout_minutos or TIMEOUT_MINUTOS)


SISTEMA = Sistema(
    nombre=NOMBRE,
    ajustes=AjustesCampanas,
    piezas=_piezas,
    sagas=_sagas,
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
            NOMBRE,
            "orquestador",
            (SAGA,),
            lambda p, _: app_orquestador(p),
            8091,
            ORQUESTADOR,
            "PUERTO_ORQUESTADOR",
            LECTORES,
        ),
        Servicio(
            NOMBRE,
            "modulos",
            PIEZAS,
            lambda p, piezas: app_principal(p, _orquestador(p), piezas),
            8000,
            MODULOS,
            "PUERTO_PRINCIPAL",
        ),
        Servicio(NOMBRE, "bff", (), lambda p, _: app_bff(p, _orquestador(p)), 8090, BFF, "PUERTO_BFF"),
    ),
    puerta=BFF,
    demostracion=demo.mostrar,
)

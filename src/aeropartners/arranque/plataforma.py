"""The platform's own service, the operator's, for the sagas of all systems."""

from typing import TYPE_CHECKING

from flask import Flask
from flask_smorest import Blueprint

from aeropartners.arranque.ajustes.del_terminal import OPERADOR as EN_TERMINAL
from aeropartners.arranque.servicio import Servicio
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.rutas.auditoria import rutas_auditoria
from aeropartners.seedwork.infraestructura.web.rutas.metricas import rutas_metricas
from aeropartners.seedwork.infraestructura.web.rutas.raiz import ruta_raiz
from aeropartners.seedwork.infraestructura.web.rutas.salud import rutas_salud
from saga_orchestrator.infraestructura.consultas.flujo import LECTORES
from saga_orchestrator.infraestructura.rest import api_flujo, api_muertos, api_operador, api_ordenes
from saga_orchestrator.modulo import NOMBRE as SAGA

if TYPE_CHECKING:
    from aeropartners.arranque.proceso.procesos import Proceso

NOMBRE, OPERADOR = "plataforma", EN_TERMINAL.nombre


def rutas_de_operador(proceso: "Proceso", escritura: Escritura) -> list[Blueprint]:
    """Return the operator's blueprints: sagas of all systems, orders, dead letters, stream and audit."""
    c = proceso.c
    return [
        api_operador.rutas_sagas(c.explicacion(), c.seleccion(), c.lecturas_saga(), c.registro()),
        api_ordenes.rutas_ordenes(escritura, c.registro().palabras_de_estado),
        api_muertos.rutas_muertos(proceso.muertos()),
        api_flujo.rutas_flujo(c.flujo()),
        rutas_auditoria(c.motor()),
    ]


def app_operador(proceso: "Proceso") -> Flask:
    """Return the operator's REST API (8093).

    Its process has the loops of an orchestrator, so that orders need no other process.
    """
    motor = proceso.c.motor()
    operador = rutas_de_operador(proceso, Escritura(proceso.escritores[SAGA], OPERADOR, motor))
    salud = rutas_salud(OPERADOR, motor, proceso.averias, vecinos=proceso.avisos)
    metricas = rutas_metricas(proceso.metricas_de_orquestador())
    return proceso.app("Operador", [*operador, salud, metricas, ruta_raiz(OPERADOR)])


SERVICIOS = (
    Servicio(
        NOMBRE,
        "operador",
        (SAGA,),
        lambda p, _: app_operador(p),
        EN_TERMINAL.puerto,
        OPERADOR,
        EN_TERMINAL.variables[-1],
        LECTORES,
    ),
)

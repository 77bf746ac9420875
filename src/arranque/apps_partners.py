"""The applications of the partners' system (contract 004): each a service of its own."""

from flask import Flask
from flask_smorest import Blueprint

from aeropartners.modulos.alianzas import modulo as alianzas
from aeropartners.modulos.partners import modulo as partners
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.formas import SOBRE
from aeropartners.seedwork.infraestructura.web.metricas import rutas_metricas
from aeropartners.seedwork.infraestructura.web.permisos import exige
from aeropartners.seedwork.infraestructura.web.puerta import Puerta
from aeropartners.seedwork.infraestructura.web.raiz import ruta_raiz
from aeropartners.seedwork.infraestructura.web.salud import Problema, rutas_salud
from arranque import contrapresion
from arranque.bucles import SAGA
from arranque.config import INTEGRACIONES, ORQUESTADOR_PARTNERS
from arranque.contenedor import TIMEOUT_PARTNERS
from arranque.metricas_admision import MetricasAdmision
from arranque.metricas_bucles import MetricasBucles
from arranque.procesos import Proceso
from bff.cliente import ClienteOrquestador
from bff.partners import rutas as rutas_bff
from saga_orchestrator.infraestructura import api_partners
from saga_orchestrator.infraestructura.estados_partner import LecturasPartners
from saga_orchestrator.infraestructura.metricas import MetricasSagas
from saga_orchestrator.infraestructura.metricas_espera import MetricasEspera

ORQUESTADOR, BFF = "saga-orchestrator", "bff-partners"


def app_orquestador(proceso: Proceso) -> Flask:
    """The orchestrator of partner sagas (5003); the campaigns' one has the same loops."""
    c, motor, admision = proceso.c, proceso.c.motor(), proceso.c.admision()
    casos = api_partners.RutasPartners(
        # Another service than the campaigns': its keys are its own.
        Escritura(proceso.escritores[SAGA], f"{ORQUESTADOR}-partners"),
        Puerta(admision, motor, f"{ORQUESTADOR}-partners"),
        LecturasPartners(motor),
        c.ids(),
        proceso.config.saga_timeout_minutos or TIMEOUT_PARTNERS,
    )
    metricas = [
        MetricasSagas(c.lecturas_saga(), c.registro()),
        MetricasEspera(c.explicacion()),
        c.metricas_bandejas(),
        MetricasBucles(proceso.hilos, c.retrasos()),
        MetricasAdmision(admision),
    ]
    salud = rutas_salud(ORQUESTADOR, motor, proceso.averias, vecinos=lambda: contrapresion.cierres(admision))
    rutas = [api_partners.rutas(casos), salud, rutas_metricas(metricas), ruta_raiz(ORQUESTADOR)]
    app = proceso.app("Orquestador de SAGAs de partners", rutas, SOBRE)
    return proceso.caminos.servir(ORQUESTADOR_PARTNERS, app)


def app_integraciones(proceso: Proceso) -> Flask:
    """Partners, their verification and their integrations (5001)."""
    rutas = partners.rutas(
        proceso.escritores["partners"], proceso.c.motor(), proceso.c.ids(), proceso.caminos.orquestador()
    )
    app = proceso.app(
        "Gestión de integraciones", [*rutas, *_comunes(proceso, "gestion-de-integraciones")], SOBRE
    )
    return proceso.caminos.servir(INTEGRACIONES, app)


def app_alianzas(proceso: Proceso) -> Flask:
    """Contracts with partners (5002)."""
    rutas = alianzas.rutas(proceso.escritores["alianzas"], proceso.c.motor(), proceso.c.ids())
    return proceso.app("Gestión de alianzas", [*rutas, *_comunes(proceso, "gestion-de-alianzas")], SOBRE)


def app_bff(proceso: Proceso, orquestador: ClienteOrquestador, integraciones: ClienteOrquestador) -> Flask:
    """The clients' door (5000)."""

    def vecinos() -> list[Problema]:
        nombrados = (("orquestador", orquestador), ("integraciones", integraciones))
        return [Problema(n, c.caido_desde, "no contesta") for n, c in nombrados if c.caido_desde]

    salud = rutas_salud(BFF, None, proceso.averias, vecinos=vecinos)
    metricas = rutas_metricas([MetricasBucles(proceso.hilos)])
    puertas = rutas_bff(orquestador, integraciones, exige)
    return proceso.app("BFF de partners", [puertas, salud, metricas, ruta_raiz(BFF)], SOBRE)


def _comunes(proceso: Proceso, servicio: str) -> list[Blueprint]:
    metricas = [proceso.c.metricas_bandejas(), MetricasBucles(proceso.hilos, proceso.c.retrasos())]
    salud = rutas_salud(servicio, proceso.c.motor(), proceso.averias)
    return [salud, rutas_metricas(metricas), ruta_raiz(servicio)]

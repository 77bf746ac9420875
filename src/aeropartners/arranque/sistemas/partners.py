"""Partners (contract 004): a partner, its verification and its contract, one saga over both."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask
from flask_smorest import Blueprint

from aeropartners.arranque.config import INTEGRACIONES, ORQUESTADOR_PARTNERS
from aeropartners.arranque.metricas_bucles import MetricasBucles
from aeropartners.arranque.sistemas import demo_partners
from aeropartners.arranque.sistemas.descriptor import Servicio, Sistema, callados
from aeropartners.contratos import alianzas as contrato_alianzas
from aeropartners.contratos import partners as contrato
from aeropartners.contratos import saga
from aeropartners.modulos.alianzas import modulo as alianzas
from aeropartners.modulos.partners import modulo as partners
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.seedwork.infraestructura.web.auditoria import rutas_auditoria
from aeropartners.seedwork.infraestructura.web.escritura import Escritura
from aeropartners.seedwork.infraestructura.web.formas import SOBRE
from aeropartners.seedwork.infraestructura.web.metricas import rutas_metricas
from aeropartners.seedwork.infraestructura.web.permisos import exige
from aeropartners.seedwork.infraestructura.web.raiz import ruta_raiz
from aeropartners.seedwork.infraestructura.web.salud import rutas_salud
from bff.cliente import ClienteOrquestador
from bff.partners import rutas as rutas_bff
from saga_orchestrator.infraestructura import api_partners, respuestas_partners
from saga_orchestrator.infraestructura.estados_partner import LecturasPartners
from saga_orchestrator.modulo import NOMBRE as SAGA

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor
    from aeropartners.arranque.procesos import Proceso

ORQUESTADOR, BFF = "saga-orchestrator", "bff-partners"
TIMEOUT_MINUTOS = 10


def _piezas(c: "Contenedor") -> Sequence[Pieza]:
    config = c.config()
    contrato = (config.contrato_tipo, Decimal(str(config.contrato_monto)), config.contrato_moneda)
    return partners.pieza(), alianzas.pieza(alianzas.PorDefecto(*contrato))


def app_orquestador(proceso: "Proceso") -> Flask:
    """The orchestrator of partner sagas (5003); the campaigns' one has the same loops."""
    c, motor, admision = proceso.c, proceso.c.motor(), proceso.c.admision()
    casos = api_partners.RutasPartners(
        # Another service than the campaigns': its keys are its own.
        Escritura(proceso.escritores[SAGA], f"{ORQUESTADOR}-partners", motor),
        admision,
        LecturasPartners(motor),
        c.ids(),
        proceso.config.saga_timeout_minutos or TIMEOUT_MINUTOS,
    )
    salud = rutas_salud(ORQUESTADOR, motor, proceso.averias, vecinos=proceso.avisos)
    rutas = [
        api_partners.rutas(casos),
        rutas_auditoria(motor),
        salud,
        rutas_metricas(proceso.metricas_de_orquestador()),
        ruta_raiz(ORQUESTADOR),
    ]
    app = proceso.app("Orquestador de SAGAs de partners", rutas, SOBRE)
    return proceso.caminos.servir(ORQUESTADOR_PARTNERS, app)


def app_integraciones(proceso: "Proceso") -> Flask:
    """Partners, their verification and their integrations (5001)."""
    rutas = partners.rutas(
        proceso.escritores["partners"],
        proceso.c.motor(),
        proceso.c.ids(),
        proceso.caminos.orquestador(),
        respuestas_partners.SAGA,
    )
    app = proceso.app(
        "Gestión de integraciones", [*rutas, *_comunes(proceso, "gestion-de-integraciones")], SOBRE
    )
    return proceso.caminos.servir(INTEGRACIONES, app)


def app_alianzas(proceso: "Proceso") -> Flask:
    """Contracts with partners (5002)."""
    rutas = alianzas.rutas(proceso.escritores["alianzas"], proceso.c.motor(), proceso.c.ids())
    return proceso.app("Gestión de alianzas", [*rutas, *_comunes(proceso, "gestion-de-alianzas")], SOBRE)


def app_bff(proceso: "Proceso", orquestador: ClienteOrquestador, integraciones: ClienteOrquestador) -> Flask:
    """The clients' door (5000)."""
    vecinos = partial(callados, {"orquestador": orquestador, "integraciones": integraciones})
    salud = rutas_salud(BFF, None, proceso.averias, vecinos=vecinos)
    metricas = rutas_metricas([MetricasBucles(proceso.hilos)])
    puertas = rutas_bff(orquestador, integraciones, exige, respuestas_partners, partners.LISTA)
    return proceso.app("BFF de partners", [puertas, salud, metricas, ruta_raiz(BFF)], SOBRE)


def _comunes(proceso: "Proceso", servicio: str) -> list[Blueprint]:
    salud = rutas_salud(servicio, proceso.c.motor(), proceso.averias)
    return [salud, rutas_metricas(proceso.metricas()), ruta_raiz(servicio)]


def _puerta(proceso: "Proceso", _piezas: Sequence[str]) -> Flask:
    config = proceso.config
    orquestador = proceso.cliente("orquestador-partners", config.saga_orchestrator_url)
    return app_bff(proceso, orquestador, proceso.cliente("integraciones", config.integraciones_api_url))


SISTEMA = Sistema(
    piezas=_piezas,
    temas_publicos=frozenset(
        {saga.TEMA_CREAR_PARTNER, contrato.TEMA_EVENTOS, contrato_alianzas.TEMA_COMANDOS}
        | {contrato_alianzas.TEMA_EVENTOS}
    ),
    servicios=(
        Servicio(
            "orquestador-partners",
            (SAGA,),
            lambda p, _: app_orquestador(p),
            "puerto_orquestador_partners",
            "PUERTO_ORQUESTADOR_PARTNERS",
        ),
        Servicio(
            "integraciones",
            ("partners",),
            lambda p, _: app_integraciones(p),
            "puerto_integraciones",
            "PUERTO_INTEGRACIONES",
        ),
        Servicio(
            "alianzas", ("alianzas",), lambda p, _: app_alianzas(p), "puerto_alianzas", "PUERTO_ALIANZAS"
        ),
        Servicio("bff-partners", (), _puerta, "puerto_bff_partners", "PUERTO_BFF_PARTNERS"),
    ),
    puerta="bff-partners",
    demostracion=demo_partners.mostrar,
)

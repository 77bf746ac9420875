"""The descriptor of the system partners."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask
from flask_smorest import Blueprint

from aeropartners.arranque.servicio import Servicio
from aeropartners.arranque.sistemas.partners import demo
from aeropartners.arranque.sistemas.partners.ajustes import (
    ALIANZAS,
    BFF,
    INTEGRACIONES,
    ORQUESTADOR,
    AjustesPartners,
)
from aeropartners.arranque.sistemas.partners.forma_de_error import SOBRE
from aeropartners.arranque.sistemas.sistema import Sistema, callados
from aeropartners.contratos import alianzas as contrato_alianzas
from aeropartners.contratos import partners as contrato
from aeropartners.contratos.formularios import INICIO_DE_PARTNER
from aeropartners.modulos.alianzas import modulo as alianzas
from aeropartners.modulos.partners import modulo as partners
from aeropartners.seedwork.infraestructura.pieza import Pieza
from aeropartners.seedwork.infraestructura.web.acceso.permisos import exige
from aeropartners.seedwork.infraestructura.web.escritura import Escritura, con_clave_honrada
from aeropartners.seedwork.infraestructura.web.rutas.auditoria import rutas_auditoria
from aeropartners.seedwork.infraestructura.web.rutas.metricas import rutas_metricas
from aeropartners.seedwork.infraestructura.web.rutas.raiz import ruta_raiz
from aeropartners.seedwork.infraestructura.web.rutas.salud import rutas_salud
from bff.cliente import ClienteOrquestador
from bff.partners import rutas as rutas_bff
from saga_orchestrator.infraestructura.sistema import SagasDeSistema
from saga_orchestrator.modulo import NOMBRE as SAGA
from saga_orchestrator.sistemas.partners import api, respuestas
from saga_orchestrator.sistemas.partners.definicion import AjustesPartner
from saga_orchestrator.sistemas.partners.estados import LecturasPartners
from saga_orchestrator.sistemas.partners.integraciones_http import IntegracionesHttp
from saga_orchestrator.sistemas.partners.sagas import TIMEOUT_MINUTOS, sagas

if TYPE_CHECKING:
    from aeropartners.arranque.contenedor import Contenedor
    from aeropartners.arranque.proceso.procesos import Proceso

NOMBRE, SERVICIO_DE_SAGAS = "partners", "saga-orchestrator"


def _piezas(c: "Contenedor") -> Sequence[Pieza]:
    config = c.config().de(AjustesPartners)
    contrato = (config.contrato_tipo, Decimal(str(config.contrato_monto)), config.contrato_moneda)
    return partners.pieza(), alianzas.pieza(alianzas.PorDefecto(*contrato))


def app_orquestador(proceso: "Proceso") -> Flask:
    """Return the orchestrator's REST API of partner sagas (5003); its loops serve sagas of all systems."""
    c, motor, admision = proceso.c, proceso.c.motor(), proceso.c.admision()
    casos = api.RutasPartners(
        # The service's name in idempotency keys: the campaigns' orchestrator has keys of its own.
        Escritura(proceso.escritores[SAGA], f"{SERVICIO_DE_SAGAS}-partners", motor),
        admision,
        LecturasPartners(motor),
        c.ids(),
        proceso.config.saga_timeout_minutos or TIMEOUT_MINUTOS,
    )
    salud = rutas_salud(SERVICIO_DE_SAGAS, motor, proceso.averias, vecinos=proceso.avisos)
    rutas = [
        api.rutas(casos),
        rutas_auditoria(motor),
        salud,
        rutas_metricas(proceso.metricas_de_orquestador()),
        ruta_raiz(SERVICIO_DE_SAGAS),
    ]
    return proceso.app("Orquestador de SAGAs de partners", rutas, SOBRE)


def app_integraciones(proceso: "Proceso") -> Flask:
    """Return the service of partners, their verification and their integrations (5001)."""
    orquestador = proceso.c.caminos().cliente(
        ORQUESTADOR, proceso.config.de(AjustesPartners).saga_orchestrator_url
    )
    rutas = partners.rutas(
        proceso.escritores["partners"], proceso.c.motor(), proceso.c.ids(), orquestador, respuestas.SAGA
    )
    comunes = _comunes(proceso, "gestion-de-integraciones")
    return proceso.app("Gestión de integraciones", [*rutas, *comunes], SOBRE)


def app_alianzas(proceso: "Proceso") -> Flask:
    """Return the service of contracts with partners (5002)."""
    rutas = alianzas.rutas(proceso.escritores["alianzas"], proceso.c.motor(), proceso.c.ids())
    return proceso.app("Gestión de alianzas", [*rutas, *_comunes(proceso, "gestion-de-alianzas")], SOBRE)


def app_bff(proceso: "Proceso", orquestador: ClienteOrquestador, integraciones: ClienteOrquestador) -> Flask:
    """Return the BFF of partners (5000)."""
    vecinos = partial(callados, {"orquestador": orquestador, "integraciones": integraciones})
    salud = rutas_salud(BFF, None, proceso.averias, vecinos=vecinos)
    metricas = rutas_metricas(proceso.metricas_de_bucles())
    puertas = rutas_bff(
        orquestador, integraciones, exige, con_clave_honrada, respuestas, partners.LISTA, INICIO_DE_PARTNER
    )
    return proceso.app("BFF de partners", [puertas, salud, metricas, ruta_raiz(BFF)], SOBRE)


def _comunes(proceso: "Proceso", servicio: str) -> list[Blueprint]:
    salud = rutas_salud(servicio, proceso.c.motor(), proceso.averias)
    return [salud, rutas_metricas(proceso.metricas()), ruta_raiz(servicio)]


def _puerta(proceso: "Proceso", _piezas: Sequence[str]) -> Flask:
    config = proceso.config.de(AjustesPartners)
    orquestador = proceso.cliente(ORQUESTADOR, config.saga_orchestrator_url)
    return app_bff(proceso, orquestador, proceso.cliente(INTEGRACIONES, config.integraciones_api_url))


def _sagas(c: "Contenedor") -> SagasDeSistema:
    config, ajustes = c.config(), c.config().de(AjustesPartners)
    propios = AjustesPartner(
        ajustes.step_timeout_create_partner_s,
        ajustes.step_timeout_create_alliance_s,
        ajustes.contrato_tipo,
        Decimal(str(ajustes.contrato_monto)),
        ajustes.contrato_moneda,
    )

    def integraciones() -> IntegracionesHttp:
        return IntegracionesHttp(c.caminos().cliente(INTEGRACIONES, ajustes.integraciones_api_url))

    minutos = config.saga_timeout_minutos or TIMEOUT_MINUTOS
    return sagas(config.ajustes_de_sagas, integraciones, propios, minutos)


SISTEMA = Sistema(
    nombre=NOMBRE,
    ajustes=AjustesPartners,
    piezas=_piezas,
    sagas=_sagas,
    temas_publicos=frozenset(
        {contrato.TEMA_CREAR_PARTNER, contrato.TEMA_EVENTOS, contrato_alianzas.TEMA_COMANDOS}
        | {contrato_alianzas.TEMA_EVENTOS}
    ),
    servicios=(
        Servicio(
            NOMBRE,
            "orquestador",
            (SAGA,),
            lambda p, _: app_orquestador(p),
            5003,
            ORQUESTADOR,
            "PUERTO_ORQUESTADOR_PARTNERS",
        ),
        Servicio(
            NOMBRE,
            "integraciones",
            ("partners",),
            lambda p, _: app_integraciones(p),
            5001,
            INTEGRACIONES,
            "PUERTO_INTEGRACIONES",
        ),
        Servicio(
            NOMBRE, "alianzas", ("alianzas",), lambda p, _: app_alianzas(p), 5002, ALIANZAS, "PUERTO_ALIANZAS"
        ),
        Servicio(NOMBRE, "bff", (), _puerta, 5000, BFF, "PUERTO_BFF_PARTNERS"),
    ),
    puerta=BFF,
    demostracion=demo.mostrar,
)

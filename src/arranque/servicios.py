"""Every service that a process can be: its modules, its application, and its port."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ssl import SSLContext

from flask import Flask

from arranque import apps_partners
from arranque.procesos import MODULOS, SAGA, Proceso
from arranque.servidores import Servidor
from bff.cliente import ClienteOrquestador, EnProceso, PorRed
from saga_orchestrator.infraestructura.flujo import LECTORES


@dataclass(frozen=True, slots=True)
class Servicio:
    """`puerto` is a field of the configuration, which `variable` sets; `lectores` hold a thread each."""

    modulos: tuple[str, ...]
    aplicacion: Callable[[Proceso, Sequence[str]], Flask]
    puerto: str
    variable: str
    lectores: int = 0

    def servidor(
        self, proceso: Proceso, app: Flask, tls: SSLContext | None = None, puerto: int = 0
    ) -> Servidor:
        """Open the port, or another."""
        elegido = puerto or getattr(proceso.config, self.puerto)
        return Servidor(app, proceso.config.host, elegido, self.variable, self.lectores, tls)


def _campanas(proceso: Proceso) -> ClienteOrquestador:
    return ClienteOrquestador(PorRed(proceso.config.orquestador_url, proceso.c.confianza()))


def _bff_partners(proceso: Proceso, _modulos: Sequence[str]) -> Flask:
    config, confianza = proceso.config, proceso.c.confianza()
    orquestador = ClienteOrquestador(PorRed(config.saga_orchestrator_url, confianza))
    integraciones = ClienteOrquestador(PorRed(config.integraciones_api_url, confianza))
    return apps_partners.app_bff(proceso, orquestador, integraciones)


SERVICIOS = {
    "orquestador": Servicio(
        (SAGA,), lambda p, _: p.app_orquestador(), "puerto_orquestador", "PUERTO_ORQUESTADOR", LECTORES
    ),
    "modulos": Servicio(
        MODULOS, lambda p, m: p.app_principal(_campanas(p), m), "puerto_principal", "PUERTO_PRINCIPAL"
    ),
    "bff": Servicio((), lambda p, _: p.app_bff(_campanas(p)), "puerto_bff", "PUERTO_BFF"),
    "orquestador-partners": Servicio(
        (SAGA,),
        lambda p, _: apps_partners.app_orquestador(p),
        "puerto_orquestador_partners",
        "PUERTO_ORQUESTADOR_PARTNERS",
    ),
    "integraciones": Servicio(
        ("partners",),
        lambda p, _: apps_partners.app_integraciones(p),
        "puerto_integraciones",
        "PUERTO_INTEGRACIONES",
    ),
    "alianzas": Servicio(
        ("alianzas",), lambda p, _: apps_partners.app_alianzas(p), "puerto_alianzas", "PUERTO_ALIANZAS"
    ),
    "bff-partners": Servicio((), _bff_partners, "puerto_bff_partners", "PUERTO_BFF_PARTNERS"),
}


def aplicaciones(proceso: Proceso) -> dict[str, Flask]:
    """Return every application, for one process: they reach each other without a network."""
    orquestador, partners = proceso.app_orquestador(), apps_partners.app_orquestador(proceso)
    integraciones = apps_partners.app_integraciones(proceso)
    cliente = ClienteOrquestador(EnProceso(orquestador))
    return {
        "modulos": proceso.app_principal(cliente),
        "bff": proceso.app_bff(cliente),
        "orquestador": orquestador,
        "orquestador-partners": partners,
        "integraciones": integraciones,
        "alianzas": apps_partners.app_alianzas(proceso),
        "bff-partners": apps_partners.app_bff(
            proceso,
            ClienteOrquestador(EnProceso(partners)),
            ClienteOrquestador(EnProceso(integraciones)),
        ),
    }


def todos(proceso: Proceso, tls: SSLContext | None = None) -> dict[str, Servidor]:
    """Open every service on its port, in one process."""
    return {
        nombre: SERVICIOS[nombre].servidor(proceso, app, tls) for nombre, app in aplicaciones(proceso).items()
    }

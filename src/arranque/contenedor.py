"""The container: what a process is made of, wired by plain arguments."""

import secrets
from collections.abc import Sequence
from decimal import Decimal
from ssl import SSLContext
from threading import Lock

from dependency_injector import containers, providers
from sqlalchemy import make_url

from aeropartners.contratos import campanas as contrato_campanas
from aeropartners.modulos.alianzas import modulo as alianzas
from aeropartners.modulos.alianzas.infraestructura import testigo as testigo_alianzas
from aeropartners.modulos.campanas import modulo as campanas
from aeropartners.modulos.campanas.infraestructura import testigo as testigo_campanas
from aeropartners.modulos.pagos import modulo as pagos
from aeropartners.modulos.pagos.aplicacion.puertos import PasarelaPago
from aeropartners.modulos.pagos.infraestructura import testigo as testigo_pagos
from aeropartners.modulos.pagos.infraestructura.pasarela import PasarelaSimulada
from aeropartners.modulos.pagos.infraestructura.pasarela_averiada import PasarelaAveriada
from aeropartners.modulos.partners import modulo as partners
from aeropartners.modulos.partners.infraestructura import testigo as testigo_partners
from aeropartners.modulos.reporting import modulo as reporting
from aeropartners.modulos.reporting.infraestructura import testigo as testigo_reporting
from aeropartners.modulos.reporting.infraestructura.lecturas import LecturasReportes
from aeropartners.seedwork.aplicacion.admision import Admision
from aeropartners.seedwork.aplicacion.modulo import Modulo
from aeropartners.seedwork.aplicacion.publicador import Publicador
from aeropartners.seedwork.aplicacion.puertos import Broker
from aeropartners.seedwork.aplicacion.retraso import Retrasos
from aeropartners.seedwork.infraestructura.administracion_pulsar import AdministracionPulsar
from aeropartners.seedwork.infraestructura.atrasos_embebidos import AtrasosEmbebidos
from aeropartners.seedwork.infraestructura.atrasos_pulsar import AtrasosPulsar
from aeropartners.seedwork.infraestructura.bandejas import SalidaSQL
from aeropartners.seedwork.infraestructura.broker_embebido import BrokerEmbebido, Tienda
from aeropartners.seedwork.infraestructura.broker_pulsar import AccesoPulsar, BrokerPulsar
from aeropartners.seedwork.infraestructura.metricas_bandejas import MetricasBandejas
from aeropartners.seedwork.infraestructura.motor import Motor
from aeropartners.seedwork.infraestructura.retrasos import RetrasosSQL
from aeropartners.seedwork.infraestructura.sistema import RelojReal, Uuid7
from aeropartners.seedwork.infraestructura.web.auditor import Auditor
from arranque.acceso import acceso
from arranque.config import Config
from arranque.temas import temas
from arranque.tls import confianza
from saga_orchestrator.aplicacion.alianzas import borde as borde_alianzas
from saga_orchestrator.aplicacion.libros import Atrasos
from saga_orchestrator.aplicacion.orquestador import Orquestador
from saga_orchestrator.aplicacion.partners import borde as borde_partners
from saga_orchestrator.definiciones import registro
from saga_orchestrator.definiciones.ajustes import Ajustes, AjustesPartner
from saga_orchestrator.dominio.definicion import Registro
from saga_orchestrator.infraestructura.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.auditor.libros import LibrosSQL
from saga_orchestrator.infraestructura.auditor.mapa import Mapa
from saga_orchestrator.infraestructura.estados_partner import ESTADOS_PARTNER
from saga_orchestrator.infraestructura.explicacion import LecturasExplicacion
from saga_orchestrator.infraestructura.flujo import Flujo, LecturaEventos
from saga_orchestrator.infraestructura.lecturas import LecturasSagas
from saga_orchestrator.infraestructura.retencion import Retencion
from saga_orchestrator.infraestructura.seleccion import Seleccion
from saga_orchestrator.infraestructura.totales import TotalesDeSagas

DEMORA_MAXIMA_S = 1.0
TIMEOUT_PARTNERS = 10
TESTIGOS = (
    testigo_campanas.TESTIGO,
    testigo_pagos.TESTIGO,
    testigo_reporting.TESTIGO,
    testigo_partners.TESTIGO,
    testigo_alianzas.TESTIGO,
)
# What one module hears of another: the event, its topic, and who is subscribed.
CONSUMOS = {"PagoExitoso": (contrato_campanas.TEMA_PAGOS_EXITOSOS, contrato_campanas.SUSCRIPCION)}


def _registro(config: Config) -> Registro:
    return registro(
        Ajustes(
            config.saga_step_timeout_s,
            config.saga_max_retries,
            config.saga_backoff_base_s,
            config.saga_compensation_max_retries,
            AjustesPartner(
                config.step_timeout_create_partner_s,
                config.step_timeout_create_alliance_s,
                config.contrato_tipo,
                Decimal(str(config.contrato_monto)),
                config.contrato_moneda,
            ),
        )
    )


def _orquestador(config: Config, definiciones: Registro) -> Orquestador:
    plazo = config.saga_timeout_minutos or TIMEOUT_PARTNERS
    return Orquestador(definiciones, (borde_alianzas(), borde_partners(plazo)))


def _modulo_alianzas(config: Config) -> Modulo:
    monto = Decimal(str(config.contrato_monto))
    return alianzas.modulo(alianzas.PorDefecto(config.contrato_tipo, monto, config.contrato_moneda))


def _motor_admin(config: Config, motor: Motor) -> Motor:
    """The database as its owner, who may change tables; the same as everybody unless that is configured."""
    return _motor(config.database_url_admin, config) if config.database_url_admin else motor


def _motor(url: str, config: Config) -> Motor:
    """PostgreSQL is believed by the word of the authority of all the rest, unless the URL names another."""
    base = make_url(url)
    if config.tls_ca_file and str(base.query.get("sslmode", "")).startswith("verify-"):
        ca = {"sslrootcert": base.query.get("sslrootcert", config.tls_ca_file)}
        url = base.update_query_dict(ca).render_as_string(hide_password=False)
    return Motor(url)


def _tienda(config: Config) -> Tienda | None:
    return Tienda(config.datos / "broker.db") if config.embebida else None


def _broker(config: Config, tienda: Tienda | None) -> Broker:
    if tienda is not None:
        return BrokerEmbebido(tienda)
    prefijo = f"persistent://{config.pulsar_tenant}/{config.pulsar_namespace}/"
    acceso = AccesoPulsar(config.pulsar_token, config.tls_ca_file)
    return BrokerPulsar(config.pulsar_url, prefijo, config.particiones, acceso)


def _modulo_pagos(config: Config) -> Modulo:
    return pagos.modulo(min(DEMORA_MAXIMA_S, config.gateway_latency_s / 3))


def _pasarela(config: Config, motor: Motor, reloj: RelojReal) -> PasarelaPago:
    def simulada(latencia_s: float) -> PasarelaSimulada:
        return PasarelaSimulada(
            motor,
            reloj,
            latencia_s,
            Decimal(str(config.gateway_limit)),
            config.payment_success_rate,
            config.gateway_seed,
        )

    buena = simulada(config.gateway_latency_s)
    if not config.gateway_faults:
        return buena
    lenta = simulada(config.gateway_late_s)
    return PasarelaAveriada(buena, lenta, config.gateway_faults, config.gateway_seed)


def _lectores(modulos: Sequence[Modulo], config: Config) -> dict[str, tuple[str, ...]]:
    """Return our own subscriptions of each topic that has one."""
    return {
        t: tema.suscripciones for t, tema in temas(modulos, config.particiones).items() if tema.suscripciones
    }


def _atrasos(
    config: Config, reloj: RelojReal, lectores: dict[str, tuple[str, ...]], confianza: SSLContext
) -> Atrasos:
    if config.embebida:
        return AtrasosEmbebidos(config.datos / "broker.db", reloj)
    tenant, espacio = config.pulsar_tenant, config.pulsar_namespace
    return AtrasosPulsar(
        config.pulsar_admin_url, tenant, espacio, lectores, reloj, config.pulsar_token, confianza
    )


def _administracion(config: Config, confianza: SSLContext) -> AdministracionPulsar:
    return AdministracionPulsar(
        config.pulsar_admin_url,
        config.pulsar_tenant,
        config.pulsar_namespace,
        config.pulsar_token,
        confianza,
    )


class Contenedor(containers.DeclarativeContainer):
    """One a process; `config` is given when it is made."""

    config: providers.Dependency[Config] = providers.Dependency(instance_of=Config)
    motor = providers.Singleton(lambda config: _motor(config.database_url, config), config)
    confianza = providers.Singleton(confianza, config.provided.tls_ca_file)
    motor_admin = providers.Singleton(_motor_admin, config, motor)
    reloj = providers.Singleton(RelojReal)
    ids = providers.Singleton(Uuid7)
    turno = providers.Singleton(Lock)
    clave_interna = providers.Singleton(secrets.token_urlsafe)
    acceso = providers.Singleton(acceso, config, clave_interna, motor, reloj, confianza)
    tienda = providers.Singleton(_tienda, config)
    broker = providers.Factory(_broker, config, tienda)
    publicador = providers.Singleton(Publicador, broker)
    salida = providers.Factory(SalidaSQL, motor, reloj)
    administracion = providers.Factory(_administracion, config, confianza)
    tablon = providers.Singleton(RetrasosSQL, motor, reloj, ids.provided.nuevo.call())
    retrasos = providers.Singleton(Retrasos, tablon, reloj)
    admision = providers.Singleton(Admision, config.provided.admision_retraso_s, reloj)
    auditor = providers.Singleton(Auditor, motor, reloj, ids)
    metricas_bandejas = providers.Singleton(MetricasBandejas, motor, reloj)

    registro = providers.Singleton(_registro, config)
    orquestador = providers.Singleton(_orquestador, config, registro)
    modulo_saga = providers.Singleton(lambda orquestador: orquestador.modulo(), orquestador)
    totales_saga = providers.Singleton(TotalesDeSagas, registro.provided.finales)
    persistencia_saga = providers.Singleton(AlmacenSagas, registro, totales_saga, (ESTADOS_PARTNER,))
    retencion = providers.Singleton(Retencion, motor_admin, totales_saga, registro.provided.finales)
    lecturas_saga = providers.Singleton(LecturasSagas, motor, totales_saga)
    proyecciones = providers.Dict(
        saga=providers.List(totales_saga),
        campanas=providers.Object(campanas.proyecciones()),
        pagos=providers.Object(pagos.proyecciones()),
        reporting=providers.Object(()),
        partners=providers.Object(partners.proyecciones()),
        alianzas=providers.Object(()),
    )
    mapa = providers.Singleton(Mapa, registro, persistencia_saga, providers.Object(TESTIGOS))
    atrasos = providers.Singleton(
        _atrasos,
        config,
        reloj,
        providers.Callable(
            _lectores,
            providers.List(
                modulo_saga,
                providers.Object(campanas.MODULO),
                providers.Singleton(_modulo_pagos, config),
                providers.Object(reporting.MODULO),
                providers.Object(partners.MODULO),
                providers.Singleton(_modulo_alianzas, config),
            ),
            config,
        ),
        confianza,
    )
    libros = providers.Singleton(
        LibrosSQL, motor, reloj, mapa, providers.Object(CONSUMOS), atrasos.provided.volver_a
    )
    explicacion = providers.Singleton(LecturasExplicacion, motor, reloj, persistencia_saga)
    flujo = providers.Singleton(lambda motor: Flujo(LecturaEventos(motor)), motor)
    seleccion = providers.Singleton(Seleccion, motor, reloj, persistencia_saga)

    modulo_campanas = providers.Object(campanas.MODULO)
    persistencia_campanas = providers.Singleton(campanas.persistencia)
    modulo_pagos = providers.Singleton(_modulo_pagos, config)
    persistencia_pagos = providers.Singleton(pagos.persistencia)
    pasarela = providers.Singleton(_pasarela, config, motor, reloj)
    modulo_reporting = providers.Object(reporting.MODULO)
    persistencia_reporting = providers.Singleton(reporting.persistencia)
    lecturas_reporting = providers.Singleton(
        lambda motor, config: LecturasReportes(motor, (config.campaigns_url, "v1")), motor, config
    )
    modulo_partners = providers.Object(partners.MODULO)
    persistencia_partners = providers.Singleton(partners.persistencia)
    modulo_alianzas = providers.Singleton(_modulo_alianzas, config)
    persistencia_alianzas = providers.Singleton(alianzas.persistencia)

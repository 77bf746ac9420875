"""The container: makes the objects of a process and passes each the others that it needs."""

import secrets
from collections.abc import Sequence
from importlib.metadata import version
from ssl import SSLContext
from threading import Lock

from dependency_injector import containers, providers
from sqlalchemy import make_url

from aeropartners.arranque.config import Config
from aeropartners.arranque.http.acceso import acceso
from aeropartners.arranque.http.clientes_de_servicios import Caminos
from aeropartners.arranque.http.confianza import confianza
from aeropartners.arranque.sistemas import CONSUMOS, SISTEMAS, TEMAS_PUBLICOS
from aeropartners.arranque.temas import temas
from aeropartners.seedwork.aplicacion.admision import Admision
from aeropartners.seedwork.aplicacion.bucles.publicador import Publicador
from aeropartners.seedwork.aplicacion.censo import Censo, Desfase
from aeropartners.seedwork.aplicacion.espera_de_finales import EsperaDeFinales
from aeropartners.seedwork.aplicacion.puertos import Broker
from aeropartners.seedwork.aplicacion.retraso import Retrasos
from aeropartners.seedwork.infraestructura.almacen.bandejas import SalidaSQL
from aeropartners.seedwork.infraestructura.base.motor import Motor
from aeropartners.seedwork.infraestructura.base.relojes import RelojDeBase, RelojReal, Uuid7
from aeropartners.seedwork.infraestructura.broker.administracion_pulsar import AdministracionPulsar
from aeropartners.seedwork.infraestructura.broker.atrasos_embebidos import AtrasosEmbebidos
from aeropartners.seedwork.infraestructura.broker.atrasos_pulsar import AtrasosPulsar
from aeropartners.seedwork.infraestructura.broker.broker_embebido import BrokerEmbebido, Tienda
from aeropartners.seedwork.infraestructura.broker.broker_pulsar import BrokerPulsar
from aeropartners.seedwork.infraestructura.broker.cliente_pulsar import AccesoPulsar
from aeropartners.seedwork.infraestructura.operacion.metricas_bandejas import MetricasBandejas
from aeropartners.seedwork.infraestructura.operacion.metricas_mantenimiento import MetricasMantenimiento
from aeropartners.seedwork.infraestructura.operacion.particiones import Mantenimiento
from aeropartners.seedwork.infraestructura.operacion.procesos import ProcesosSQL
from aeropartners.seedwork.infraestructura.operacion.retrasos import RetrasosSQL
from aeropartners.seedwork.infraestructura.pieza import Pieza, por_nombre
from aeropartners.seedwork.infraestructura.web.acceso.auditor import Auditor
from aeropartners.seedwork.infraestructura.web.hilo_suplente import con_suplente
from saga_orchestrator import modulo as orquestador
from saga_orchestrator.cotejo.aplicacion.libros import Atrasos
from saga_orchestrator.cotejo.infraestructura.libros import LibrosSQL
from saga_orchestrator.cotejo.infraestructura.mapa import Mapa
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.infraestructura.almacen.almacen import AlmacenSagas
from saga_orchestrator.infraestructura.almacen.lecturas_propias import LecturaSagas
from saga_orchestrator.infraestructura.almacen.tablas import sagas as tabla_de_sagas
from saga_orchestrator.infraestructura.almacen.totales import TotalesDeSagas
from saga_orchestrator.infraestructura.consultas.explicacion import LecturasExplicacion
from saga_orchestrator.infraestructura.consultas.flujo import Flujo, LecturaEventos
from saga_orchestrator.infraestructura.consultas.lecturas import LecturasSagas
from saga_orchestrator.infraestructura.consultas.seleccion import Seleccion
from saga_orchestrator.infraestructura.mantenimiento.apertura import Apertura
from saga_orchestrator.infraestructura.mantenimiento.definiciones import DefinicionesSQL
from saga_orchestrator.infraestructura.mantenimiento.reconstruccion import Reconstruccion
from saga_orchestrator.infraestructura.mantenimiento.retencion import Retencion
from saga_orchestrator.infraestructura.sistema import SagasDeSistema

VERSION = version("aeropartners")


def _sagas(c: "Contenedor") -> tuple[SagasDeSistema, ...]:
    return tuple(sistema.sagas(c) for sistema in SISTEMAS)


def _registro(sagas: Sequence[SagasDeSistema], apertura: Apertura) -> Registro:
    return Registro(tuple(d for s in sagas for d in s.definiciones), apertura.abierta)


def _lecturas(sagas: Sequence[SagasDeSistema]) -> tuple[LecturaSagas, ...]:
    return tuple(lectura for s in sagas for lectura in s.lecturas)


def _motor_admin(config: Config, motor: Motor) -> Motor:
    """Return the engine of the database's owner, who may change tables; by default the usual one."""
    return _motor(config.database_url_admin, config) if config.database_url_admin else motor


def _motor(url: str, config: Config) -> Motor:
    """Return an engine; PostgreSQL's certificate is checked with our authority, or the URL's."""
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
    acceso = AccesoPulsar(config.token_pulsar, config.tls_ca_file)
    return BrokerPulsar(config.pulsar_url, prefijo, config.particiones, acceso, TEMAS_PUBLICOS)


def _piezas(c: "Contenedor") -> dict[str, Pieza]:
    """Return all pieces by name, the orchestrator's first; raises SinTestigo or ConsumidorRepetido."""
    esperan = c.espera_de_sagas()
    suya = orquestador.pieza(c.sagas(), c.registro(), c.persistencia_saga(), c.totales_saga(), esperan)
    todas = (suya, *(p.con_testigo() for sistema in SISTEMAS for p in sistema.piezas(c)))
    return por_nombre(todas)


def _mapa(
    registro: Registro, almacen: AlmacenSagas, piezas: dict[str, Pieza], sagas: Sequence[SagasDeSistema]
) -> Mapa:
    anuncios = {tipo: suyos for s in sagas for tipo, suyos in s.borde.anuncios.items()}
    return Mapa(registro, almacen, [p.testigo for p in piezas.values() if p.testigo], anuncios)


def _atrasos(config: Config, reloj: RelojReal, piezas: dict[str, Pieza], confianza: SSLContext) -> Atrasos:
    if config.embebida:
        return AtrasosEmbebidos(config.datos / "broker.db", reloj)
    todos = temas(piezas.values(), config.particiones)
    lectores = {nombre: tema.suscripciones for nombre, tema in todos.items() if tema.suscripciones}
    tenant, espacio = config.pulsar_tenant, config.pulsar_namespace
    return AtrasosPulsar(
        config.pulsar_admin_url, tenant, espacio, lectores, reloj, config.token_pulsar, confianza
    )


def _administracion(config: Config, confianza: SSLContext) -> AdministracionPulsar:
    return AdministracionPulsar(
        config.pulsar_admin_url,
        config.pulsar_tenant,
        config.pulsar_namespace,
        config.token_pulsar,
        confianza,
    )


class Contenedor(containers.DeclarativeContainer):
    """One container a process; pass `config` to the constructor."""

    __self__ = providers.Self()
    config: providers.Dependency[Config] = providers.Dependency(instance_of=Config)
    motor = providers.Singleton(lambda config: _motor(config.database_url, config), config)
    confianza = providers.Singleton(confianza, config.provided.tls_ca_file)
    motor_admin = providers.Singleton(_motor_admin, config, motor)
    reloj = providers.Singleton(RelojReal)
    desfase = providers.Singleton(Desfase)
    reloj_de_base = providers.Singleton(RelojDeBase, reloj, desfase)
    ids = providers.Singleton(Uuid7, desfase)
    proceso = providers.Singleton(lambda ids: ids.nuevo(), ids)
    padron = providers.Singleton(ProcesosSQL, motor, reloj)
    censo = providers.Singleton(Censo, padron, desfase, proceso, VERSION)
    exclusiva = providers.Singleton(Lock)
    clave_interna = providers.Singleton(secrets.token_urlsafe)
    acceso = providers.Singleton(acceso, config, clave_interna, motor, reloj, confianza)
    tienda = providers.Singleton(_tienda, config)
    broker = providers.Factory(_broker, config, tienda)
    publicador = providers.Singleton(Publicador, broker)
    salida = providers.Factory(SalidaSQL, motor, reloj, tabla_de_sagas.name)
    administracion = providers.Factory(_administracion, config, confianza)
    tablon = providers.Singleton(RetrasosSQL, motor, reloj, proceso)
    retrasos = providers.Singleton(Retrasos, tablon, reloj_de_base)
    admision = providers.Singleton(
        Admision, config.provided.admision_retraso_s, reloj, config.provided.admision_salida_mib
    )
    auditor = providers.Singleton(Auditor, motor, reloj, ids)
    metricas_bandejas = providers.Singleton(MetricasBandejas, motor, reloj)
    mantenimiento = providers.Singleton(Mantenimiento, motor, reloj)
    metricas_mantenimiento = providers.Singleton(MetricasMantenimiento, mantenimiento)

    definiciones = providers.Singleton(DefinicionesSQL, motor, reloj)
    apertura = providers.Singleton(Apertura, censo, definiciones)
    sagas = providers.Singleton(_sagas, __self__)
    registro = providers.Singleton(_registro, sagas, apertura)
    lecturas_propias = providers.Singleton(_lecturas, sagas)
    totales_saga = providers.Singleton(TotalesDeSagas)
    persistencia_saga = providers.Singleton(AlmacenSagas, registro, totales_saga, lecturas_propias)
    retencion = providers.Singleton(Retencion, motor_admin, reloj, totales_saga, lecturas_propias)
    reconstruccion = providers.Singleton(Reconstruccion, motor, registro, lecturas_propias)
    lecturas_saga = providers.Singleton(LecturasSagas, motor, totales_saga)
    espera_de_sagas = providers.Singleton(
        EsperaDeFinales,
        lecturas_saga.provided.asentadas,
        config.provided.esperas_maximas,
        providers.Object(con_suplente),
    )
    caminos = providers.Singleton(Caminos, __self__)
    en_marcha: providers.Singleton[set[str]] = providers.Singleton(set)
    piezas = providers.Singleton(_piezas, __self__)
    mapa = providers.Singleton(_mapa, registro, persistencia_saga, piezas, sagas)
    atrasos = providers.Singleton(_atrasos, config, reloj, piezas, confianza)
    libros = providers.Singleton(
        LibrosSQL, motor, reloj, mapa, providers.Object(CONSUMOS), atrasos.provided.volver_a
    )
    explicacion = providers.Singleton(LecturasExplicacion, motor, reloj, persistencia_saga)
    flujo = providers.Singleton(lambda motor: Flujo(LecturaEventos(motor)), motor)
    seleccion = providers.Singleton(Seleccion, motor, reloj, persistencia_saga)

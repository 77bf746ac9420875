"""CREAR_CAMPANA_COMPLETA: a campaign, its payment and its report, all or nothing (contract 001)."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from aeropartners.contratos.campanas import TEMA_COMANDOS as TEMA_CAMPANAS
from aeropartners.contratos.campanas import CancelarCampana, CrearCampanaDeSaga
from aeropartners.contratos.pagos import TEMA_COMANDOS as TEMA_PAGOS
from aeropartners.contratos.pagos import ProcesarPago, RevertirPago
from aeropartners.contratos.reporting import TEMA_COMANDOS as TEMA_REPORTING
from aeropartners.contratos.reporting import CancelarReporte, GenerarReporteDeSaga
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.dominio.definicion import Comando, Compensacion, Definicion, Paso
from saga_orchestrator.dominio.saga import Saga

TIPO = "CREAR_CAMPANA_COMPLETA"
PARTES = ("campana", "pago", "reporte")
MOTIVO = "SAGA_FALLIDA"


def faltas_de_inicio(datos: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with initial data: the parts are free-form, only their presence is judged."""
    return [f"{parte}: debe ser un objeto" for parte in PARTES if not isinstance(datos.get(parte), dict)]


def _parte(nombre: str) -> Callable[[Mapping[str, Any]], Any]:
    return lambda datos: datos.get(nombre)


def _crear_campana(saga: Saga, id: UUID) -> Comando:
    return Comando(TEMA_CAMPANAS, CrearCampanaDeSaga(id, saga.datos_iniciales["campana"]))


def _cancelar_campana(saga: Saga, id: UUID) -> Comando:
    return Comando(TEMA_CAMPANAS, CancelarCampana(id, MOTIVO, saga.id))


def _procesar_pago(saga: Saga, id: UUID) -> Comando:
    return Comando(TEMA_PAGOS, ProcesarPago(id, saga.datos_iniciales["pago"]))


def _revertir_pago(saga: Saga, id: UUID) -> Comando:
    return Comando(TEMA_PAGOS, RevertirPago(id, MOTIVO, saga.id))


def _generar_reporte(saga: Saga, id: UUID) -> Comando:
    return Comando(TEMA_REPORTING, GenerarReporteDeSaga(id, saga.datos_iniciales["reporte"]))


def _cancelar_reporte(saga: Saga, id: UUID) -> Comando:
    return Comando(TEMA_REPORTING, CancelarReporte(id, MOTIVO, saga.id))


def crear_campana_completa(ajustes: Ajustes) -> Definicion:
    """Return version 1. Add a step in a new version, never in this one: running sagas keep theirs."""

    def compensar(tipo: str, comando: Callable[[Saga, UUID], Comando]) -> Compensacion:
        return Compensacion(tipo, comando, ajustes.plazo_paso_s, ajustes.politica_compensacion)

    comunes: dict[str, Any] = {"plazo_s": ajustes.plazo_paso_s, "politica": ajustes.politica}
    return Definicion(
        tipo=TIPO,
        version=1,
        atencion_tras=ajustes.politica_compensacion.intentos,
        pasos=(
            Paso(
                tipo="CREAR_CAMPAÑA",
                estado="CAMPAÑA_CREADA",
                evento="SagaCampañaCreada",
                campos=("campana_id", "datos_campana"),
                datos=_parte("campana"),
                comando=_crear_campana,
                compensacion=compensar("CANCELAR_CAMPAÑA", _cancelar_campana),
                **comunes,
            ),
            Paso(
                tipo="PROCESAR_PAGO",
                estado="PAGO_PROCESADO",
                evento="SagaPagoProcesado",
                campos=("pago_id", "datos_pago"),
                datos=_parte("pago"),
                comando=_procesar_pago,
                compensacion=compensar("REVERTIR_PAGO", _revertir_pago),
                resultado_inicial={"estado": "PENDIENTE"},
                identificador=lambda resultado: resultado.get("id_pago"),
                **comunes,
            ),
            Paso(
                tipo="GENERAR_REPORTE",
                estado="REPORTE_GENERADO",
                evento="SagaReporteGenerado",
                campos=("reporte_id", "datos_reporte"),
                datos=_parte("reporte"),
                comando=_generar_reporte,
                compensacion=compensar("CANCELAR_REPORTE", _cancelar_reporte),
                **comunes,
            ),
        ),
    )

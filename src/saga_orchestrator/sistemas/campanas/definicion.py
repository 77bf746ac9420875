"""CREAR_CAMPANA_COMPLETA: a campaign, its payment and its report, all or nothing (contract 001)."""

from typing import Any
from uuid import UUID

from aeropartners.contratos.campanas import TEMA_COMANDOS as TEMA_CAMPANAS
from aeropartners.contratos.campanas import CancelarCampana, CrearCampanaDeSaga
from aeropartners.contratos.pagos import TEMA_COMANDOS as TEMA_PAGOS
from aeropartners.contratos.pagos import ProcesarPago, RevertirPago
from aeropartners.contratos.reporting import TEMA_COMANDOS as TEMA_REPORTING
from aeropartners.contratos.reporting import CancelarReporte, GenerarReporteDeSaga
from aeropartners.seedwork.aplicacion.formularios import Esquema, Objeto
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.aplicacion.publicos import TimeoutEsquema
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.paso import Comandar, Compensacion, Paso, Presentacion
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.dominio.saga import Saga

TIPO = "CREAR_CAMPANA_COMPLETA"
MOTIVO = "SAGA_FALLIDA"


class DatosInicialesEsquema(Esquema):
    """The parts of a start: free-form, only their presence is judged."""

    campana = Objeto(required=True)
    pago = Objeto(required=True)
    reporte = Objeto(required=True)


class InicioEsquema(DatosInicialesEsquema, TimeoutEsquema):
    """The body of a start."""


def _dicho(estado: str, evento: str, parte: str, **mas: Any) -> Presentacion:
    """Return the contract's words of a step that is about one part of the initial data."""
    campos = (f"{parte}_id", f"datos_{parte}")
    return Presentacion(estado, evento, campos, lambda datos: datos.get(parte), **mas)


def _crear_campana(saga: Saga, id: UUID) -> object:
    return CrearCampanaDeSaga(id, saga.datos_iniciales["campana"])


def _cancelar_campana(saga: Saga, id: UUID) -> object:
    return CancelarCampana(id, MOTIVO, saga.id)


def _procesar_pago(saga: Saga, id: UUID) -> object:
    return ProcesarPago(id, saga.datos_iniciales["pago"])


def _revertir_pago(saga: Saga, id: UUID) -> object:
    return RevertirPago(id, MOTIVO, saga.id)


def _generar_reporte(saga: Saga, id: UUID) -> object:
    return GenerarReporteDeSaga(id, saga.datos_iniciales["reporte"])


def _cancelar_reporte(saga: Saga, id: UUID) -> object:
    return CancelarReporte(id, MOTIVO, saga.id)


def crear_campana_completa(ajustes: Ajustes) -> Definicion:
    """Return version 1. A new step needs a new version: open sagas keep the version that they began with."""

    def compensar(tipo: str, comando: Comandar) -> Compensacion:
        return Compensacion(tipo, comando, ajustes.plazo_paso_s, ajustes.politica_compensacion)

    comunes: dict[str, Any] = {"plazo_s": ajustes.plazo_paso_s, "politica": ajustes.politica}
    return Definicion(
        tipo=TIPO,
        version=1,
        atencion_tras=ajustes.politica_compensacion.intentos,
        pasos=(
            Paso(
                tipo="CREAR_CAMPAÑA",
                tema=TEMA_CAMPANAS,
                comando=_crear_campana,
                compensacion=compensar("CANCELAR_CAMPAÑA", _cancelar_campana),
                presentacion=_dicho("CAMPAÑA_CREADA", "SagaCampañaCreada", "campana"),
                **comunes,
            ),
            Paso(
                tipo="PROCESAR_PAGO",
                tema=TEMA_PAGOS,
                comando=_procesar_pago,
                compensacion=compensar("REVERTIR_PAGO", _revertir_pago),
                presentacion=_dicho(
                    "PAGO_PROCESADO",
                    "SagaPagoProcesado",
                    "pago",
                    resultado_inicial={"estado": "PENDIENTE"},
                    identificador=lambda resultado: resultado.get("id_pago"),
                ),
                **comunes,
            ),
            Paso(
                tipo="GENERAR_REPORTE",
                tema=TEMA_REPORTING,
                comando=_generar_reporte,
                compensacion=compensar("CANCELAR_REPORTE", _cancelar_reporte),
                presentacion=_dicho("REPORTE_GENERADO", "SagaReporteGenerado", "reporte"),
                **comunes,
            ),
        ),
    )


def definiciones(ajustes: Ajustes) -> tuple[Definicion, ...]:
    """Return all versions; an old version stays as long as a saga has it."""
    return (crear_campana_completa(ajustes),)


# The state words of all versions.
PALABRAS_DE_ESTADO = Registro(definiciones(Ajustes())).palabras_de_estado

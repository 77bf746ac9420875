"""PARTNER_CREATION: a partner over HTTP and its alliance by messages, all or nothing (contract 004)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from aeropartners.contratos import alianzas, partners
from aeropartners.contratos.alianzas import CancelarAlianza, CrearAlianza
from aeropartners.contratos.partners import TIPO_PARTNER, BorrarPartner, PedirPartner
from saga_orchestrator.aplicacion.ajustes import Ajustes
from saga_orchestrator.dominio.definicion import Definicion
from saga_orchestrator.dominio.estados import Estados
from saga_orchestrator.dominio.paso import Comandar, Compensacion, Paso, Presentacion
from saga_orchestrator.dominio.registro import Registro
from saga_orchestrator.dominio.saga import Saga
from saga_orchestrator.sistemas.partners.voz import decir, partner_id

ESTADOS = Estados("started", "completed", "failed", "compensating", "compensated")
MOTIVO = "SAGA_FALLIDA"


@dataclass(frozen=True, slots=True)
class AjustesPartner:
    """Deadlines of the two steps in seconds, and the default contract (004, section 1)."""

    plazo_partner_s: float = 30.0
    plazo_alianza_s: float = 60.0
    contrato_tipo: str = "CPA"
    contrato_monto: Decimal = Decimal("1000.00")
    contrato_moneda: str = "USD"


def _pedir_partner(saga: Saga, _id: UUID) -> object:
    return PedirPartner(saga.id, saga.datos_iniciales["partner_data"])


def _borrar_partner(saga: Saga, _id: UUID) -> object:
    datos = saga.datos_iniciales["partner_data"]
    return BorrarPartner(saga.id, datos, partner_id(saga))


def _crear_alianza(defecto: AjustesPartner) -> Comandar:
    def crear(saga: Saga, _id: UUID) -> object:
        inicio = saga.memoria.fecha_inicio
        contrato: dict[str, Any] = {
            "tipo": defecto.contrato_tipo,
            "monto": defecto.contrato_monto,
            "moneda": defecto.contrato_moneda,
            "fecha_inicio": inicio.date().isoformat() if inicio else None,
        }
        contrato |= saga.datos_iniciales["contrato"]
        contrato["monto"] = Decimal(contrato["monto"])
        resultado = saga.memoria.pasos[0].resultado or {}
        datos = {**saga.datos_iniciales["partner_data"], "estado": resultado.get("estado", "ACTIVO")}
        return CrearAlianza(saga.id, partner_id(saga) or "", datos, contrato)

    return crear


def _cancelar_alianza(saga: Saga, _id: UUID) -> object:
    alianza = (saga.memoria.pasos[1].resultado or {}).get("alliance_id")
    return CancelarAlianza(saga.id, partner_id(saga) or "", alianza, saga.memoria.error or MOTIVO)


DE_SERIE = AjustesPartner()


def crear_partner(ajustes: Ajustes, propios: AjustesPartner = DE_SERIE) -> Definicion:
    """Return version 1. A new step needs a new version: open sagas keep the version that they began with."""

    def compensar(tipo: str, comando: Comandar) -> Compensacion:
        return Compensacion(tipo, comando, ajustes.plazo_paso_s, ajustes.politica_compensacion)

    return Definicion(
        tipo=TIPO_PARTNER,
        version=1,
        atencion_tras=ajustes.politica_compensacion.intentos,
        estados=ESTADOS,
        voz=decir,
        pasos=(
            Paso(
                tipo=partners.PASO_CREAR,
                tema=partners.TEMA_LLAMADAS,
                comando=_pedir_partner,
                compensacion=compensar("delete_partner", _borrar_partner),
                presentacion=Presentacion(
                    "partner_created",
                    "partner_created",
                    ("partner_id", "partner"),
                    lambda datos: datos["partner_data"],
                    estado_pedido="partner_creation_in_progress",
                    identificador=lambda resultado: resultado.get("partner_id"),
                ),
                plazo_s=propios.plazo_partner_s,
                politica=ajustes.politica,
            ),
            Paso(
                tipo=alianzas.PASO_CREAR,
                tema=alianzas.TEMA_COMANDOS,
                comando=_crear_alianza(propios),
                compensacion=compensar(alianzas.PASO_CANCELAR, _cancelar_alianza),
                presentacion=Presentacion(
                    "alliance_created",
                    "alliance_created",
                    ("alliance_id", "alliance"),
                    lambda datos: datos["contrato"],
                    estado_pedido="alliance_creation_in_progress",
                    identificador=lambda resultado: resultado.get("alliance_id"),
                ),
                plazo_s=propios.plazo_alianza_s,
                politica=ajustes.politica,
            ),
        ),
    )


def definiciones(ajustes: Ajustes, propios: AjustesPartner = DE_SERIE) -> tuple[Definicion, ...]:
    """Return all versions; an old version stays as long as a saga has it."""
    return (crear_partner(ajustes, propios),)


# The state words of all versions.
PALABRAS_DE_ESTADO = Registro(definiciones(Ajustes())).palabras_de_estado

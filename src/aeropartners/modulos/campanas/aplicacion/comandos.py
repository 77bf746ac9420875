"""Handlers of campaigns."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from aeropartners.contratos.campanas import (
    TEMA_COMANDOS,
    ActualizarCampana,
    ActualizarMetricas,
    AplicarPago,
    CambiarEstadoCampana,
    CambiarPresupuesto,
    CancelarCampana,
    CrearCampana,
    CrearCampanaDeSaga,
    PagoExitosoRecibido,
)
from aeropartners.modulos.campanas.aplicacion.solicitud import leer
from aeropartners.modulos.campanas.dominio.campana import Campana
from aeropartners.modulos.campanas.dominio.eventos import CampanaActualizada, CampanaCreada
from aeropartners.seedwork.aplicacion.mensajes import Respuesta, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision, Manejador
from aeropartners.seedwork.dominio.errores import NoEncontrado

CONSULTA_ACTIVAS = "campanas_activas_de"


def crear(mensaje: CrearCampana, contexto: Contexto) -> Decision:
    """Create a campaign."""
    campana = contexto.flujo(Campana, mensaje.id)
    campana.crear(
        CampanaCreada(
            mensaje.nombre,
            mensaje.tipo,
            mensaje.presupuesto_monto,
            mensaje.presupuesto_moneda,
            mensaje.fecha_inicio,
            mensaje.fecha_fin,
            mensaje.id_afiliado,
            mensaje.descripcion,
            contexto.ahora,
        )
    )
    return Decision(resultado=campana)


def crear_de_saga(mensaje: CrearCampanaDeSaga, contexto: Contexto) -> Decision:
    """Create a campaign for a saga; when it exists already, answer with success again."""
    campana = contexto.flujo(Campana, mensaje.id)
    campana.crear(leer(mensaje.datos, contexto.ahora))
    return Decision(resultado=campana, respuesta=_respuesta(campana))


def cancelar(mensaje: CancelarCampana, contexto: Contexto) -> Decision:
    """Cancel a campaign; as an undo of a saga it may come before its command."""
    campana = contexto.flujo(Campana, mensaje.id)
    if contexto.sobre.responder_a is None:
        _exigir(campana)
    campana.cancelar(mensaje.motivo, contexto.ahora)
    return Decision(resultado=campana, respuesta=_respuesta(campana))


def cambiar_estado(mensaje: CambiarEstadoCampana, contexto: Contexto) -> Decision:
    """Activate, pause or finish a campaign."""
    campana = _existente(mensaje.id, contexto)
    match mensaje.accion:
        case "activar":
            campana.activar(contexto.ahora)
        case "pausar":
            campana.pausar(mensaje.motivo, contexto.ahora)
        case _:
            campana.finalizar(mensaje.motivo, contexto.ahora)
    return Decision(resultado=campana)


def actualizar(mensaje: ActualizarCampana, contexto: Contexto) -> Decision:
    """Change the given fields of a campaign."""
    campana = _existente(mensaje.id, contexto)
    datos = campana.datos
    campana.actualizar(
        CampanaActualizada(
            mensaje.nombre or datos.nombre,
            datos.descripcion if mensaje.descripcion is None else mensaje.descripcion,
            mensaje.fecha_inicio or datos.fecha_inicio,
            mensaje.fecha_fin or datos.fecha_fin,
            contexto.ahora,
        )
    )
    return Decision(resultado=campana)


def cambiar_presupuesto(mensaje: CambiarPresupuesto, contexto: Contexto) -> Decision:
    """Change a campaign's budget."""
    campana = _existente(mensaje.id, contexto)
    campana.cambiar_presupuesto(mensaje.monto, mensaje.moneda, contexto.ahora)
    return Decision(resultado=campana)


def medir(mensaje: ActualizarMetricas, contexto: Contexto) -> Decision:
    """Set the given figures of a campaign."""
    campana = _existente(mensaje.id, contexto)
    dados = {
        campo: valor
        for campo in ("impresiones", "clicks", "conversiones", "gasto_actual")
        if (valor := getattr(mensaje, campo)) is not None
    }
    campana.medir(replace(campana.metricas, **dados), contexto.ahora)
    return Decision(resultado=campana)


def repartir_pago(mensaje: PagoExitosoRecibido, contexto: Contexto) -> Decision:
    """Send one internal command to each active campaign of the affiliate.

    A command's id follows from the event and the campaign, so that a repeated event has no second effect.
    """
    return Decision(
        envios=[
            contexto.comando(
                TEMA_COMANDOS, AplicarPago(id, mensaje.monto), id, id=uuid5(mensaje.event_id, str(id))
            )
            for id in contexto.consultar(CONSULTA_ACTIVAS, mensaje.id_afiliado)
        ]
    )


def aplicar_pago(mensaje: AplicarPago, contexto: Contexto) -> Decision:
    """Add a payment to one campaign's figures; a campaign that was never created is left alone."""
    campana = contexto.flujo(Campana, mensaje.id)
    if campana.ficha:
        campana.aplicar_pago(mensaje.monto, contexto.ahora)
    return Decision()


def _existente(id: UUID, contexto: Contexto) -> Campana:
    campana = contexto.flujo(Campana, id)
    _exigir(campana)
    return campana


def _exigir(campana: Campana) -> None:
    if campana.ficha is None:
        raise NoEncontrado("Campaña no encontrada")


def _respuesta(campana: Campana) -> Respuesta:
    return Respuesta(exito=True, resultado={"id": str(campana.id), "estado": str(campana.estado)})


def _flujo(mensaje: Any, _sobre: Sobre) -> Sequence[UUID]:
    return (mensaje.id,)


MANEJADORES = (
    Manejador(CrearCampana, crear, _flujo),
    Manejador(CrearCampanaDeSaga, crear_de_saga, _flujo),
    Manejador(CancelarCampana, cancelar, _flujo),
    Manejador(CambiarEstadoCampana, cambiar_estado, _flujo),
    Manejador(ActualizarCampana, actualizar, _flujo),
    Manejador(CambiarPresupuesto, cambiar_presupuesto, _flujo),
    Manejador(ActualizarMetricas, medir, _flujo),
    Manejador(
        PagoExitosoRecibido,
        repartir_pago,
        consultas=lambda mensaje, _sobre: [(CONSULTA_ACTIVAS, mensaje.id_afiliado)],
    ),
    Manejador(AplicarPago, aplicar_pago, _flujo),
)

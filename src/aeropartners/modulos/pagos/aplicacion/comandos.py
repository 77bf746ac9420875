"""Handlers of payments: create, revert, and record the gateway's answers that the caller brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from aeropartners.contratos.pagos import (
    TEMA_LLAMADAS,
    Cargo,
    CobrarPago,
    CrearPago,
    MarcarProcesando,
    ProcesarPago,
    ReembolsarPago,
    RegistrarCobro,
    RegistrarReembolso,
    RevertirPago,
)
from aeropartners.modulos.pagos.aplicacion import respuestas
from aeropartners.modulos.pagos.aplicacion.solicitudes import leer_referencia, leer_solicitud, solicitud
from aeropartners.modulos.pagos.dominio.pago import Cobro, Estado, Pago
from aeropartners.modulos.pagos.dominio.solicitud import Solicitud, SolicitudInvalida
from aeropartners.seedwork.aplicacion.mensajes import Envio, Sobre
from aeropartners.seedwork.aplicacion.modulo import Contexto, Decision, Manejador
from aeropartners.seedwork.aplicacion.puertos import Unico
from aeropartners.seedwork.dominio.errores import Duplicado, NoEncontrado

AMBITO = "referencia_pago"


@dataclass(frozen=True, slots=True)
class Creacion:
    """Handlers that accept payments; a payment stays PENDIENTE for `demora` at least."""

    demora: timedelta

    def crear(self, mensaje: CrearPago, contexto: Contexto) -> Decision:
        """Accept a payment for an HTTP client."""
        pago = contexto.flujo(Pago, mensaje.id)
        pedida = solicitud(
            mensaje.id_afiliado, mensaje.monto, mensaje.moneda, mensaje.referencia_pago, mensaje.metadata
        )
        return self._aceptar(pago, pedida, contexto)

    def procesar(self, mensaje: ProcesarPago, contexto: Contexto) -> Decision:
        """Accept a payment for a saga; a repeated command gets the outcome of the payment again.

        The saga gets no answer before the payment's outcome is known.
        """
        pago = contexto.flujo(Pago, mensaje.id)
        if pago.solicitud is None:
            return self._aceptar(pago, leer_solicitud(mensaje.datos), contexto)
        if final := respuestas.final(pago):
            return Decision(resultado=pago, respuesta=final)
        # Send the order again: its answer must carry this attempt of the step.
        return Decision(resultado=pago, envios=[self._cobrar(pago, contexto)])

    def _aceptar(self, pago: Pago, pedida: Solicitud, contexto: Contexto) -> Decision:
        unico = Unico(AMBITO, pedida.referencia_pago)
        if not pago.anulado and contexto.dueno(unico) not in (None, pago.id):
            raise Duplicado("referencia_pago ya utilizada")
        pago.crear(pedida, contexto.sobre.saga_id, contexto.ahora)
        return Decision(resultado=pago, envios=[self._cobrar(pago, contexto)], toma={unico: pago.id})

    def _cobrar(self, pago: Pago, contexto: Contexto) -> Envio:
        orden = CobrarPago(pago.id, _cargo(pago), contexto.ahora + self.demora)
        return contexto.comando(TEMA_LLAMADAS, orden, pago.id)


def marcar(mensaje: MarcarProcesando, contexto: Contexto) -> Decision:
    """Mark that the charge is about to be called; the result tells whether it may be."""
    pago = contexto.flujo(Pago, mensaje.id)
    llamar = pago.marcar_procesando(contexto.ahora)
    return Decision(resultado=llamar, respuesta=respuestas.final(pago))


def registrar_cobro(mensaje: RegistrarCobro, contexto: Contexto) -> Decision:
    """Record the outcome of the charge, and answer the saga that waits for it."""
    pago = contexto.flujo(Pago, mensaje.id)
    pago.registrar_cobro(mensaje.exito, mensaje.mensaje_error or "", contexto.ahora)
    return Decision(resultado=pago, respuesta=respuestas.final(pago))


def revertir(mensaje: RevertirPago, contexto: Contexto) -> Decision:
    """Revert a payment. A saga is answered when no money is owed any more; an HTTP client at once."""
    pago = contexto.flujo(Pago, mensaje.id)
    if contexto.sobre.saga_id and contexto.sobre.responder_a:
        pago.anular(mensaje.motivo, contexto.ahora)
        if pago.estado is Estado.FALLIDO:
            return Decision(resultado=pago, respuesta=respuestas.reversion(pago))
    elif pago.solicitud is None:
        raise NoEncontrado("Pago no encontrado")
    pago.revertir(mensaje.motivo, contexto.ahora)
    if not pago.debe_reembolso:
        return Decision(resultado=pago, respuesta=respuestas.reversion(pago))
    orden = ReembolsarPago(pago.id, _cargo(pago), pago.cobro is Cobro.COBRADO)
    return Decision(resultado=pago, envios=[contexto.comando(TEMA_LLAMADAS, orden, pago.id)])


def registrar_reembolso(mensaje: RegistrarReembolso, contexto: Contexto) -> Decision:
    """Record the outcome of the refund, and answer the saga that waits for it."""
    pago = contexto.flujo(Pago, mensaje.id)
    pago.registrar_reembolso(mensaje.cobrado, contexto.ahora)
    return Decision(resultado=pago, respuesta=respuestas.reversion(pago))


def _cargo(pago: Pago) -> Cargo:
    pedida = pago.solicitud
    assert pedida is not None
    metodo = pedida.metadata.get("metodo") or pedida.metadata.get("method")
    return Cargo(
        pedida.monto,
        pedida.moneda,
        pedida.referencia_pago,
        metodo if isinstance(metodo, str) else "",
        pedida.metadata.get("forcePaymentFailure") is True,
    )


def _flujo(mensaje: Any, _sobre: Sobre) -> Sequence[UUID]:
    return (mensaje.id,)


def _referencia(mensaje: CrearPago, _sobre: Sobre) -> Sequence[Unico]:
    return (Unico(AMBITO, mensaje.referencia_pago),)


def _referencia_libre(mensaje: ProcesarPago, _sobre: Sobre) -> Sequence[Unico]:
    try:
        return (Unico(AMBITO, leer_referencia(mensaje.datos)),)
    except SolicitudInvalida:
        return ()


def manejadores(demora_s: float) -> tuple[Manejador, ...]:
    """Return the module's handlers."""
    creacion = Creacion(timedelta(seconds=demora_s))
    return (
        Manejador(CrearPago, creacion.crear, _flujo, _referencia),
        Manejador(ProcesarPago, creacion.procesar, _flujo, _referencia_libre),
        Manejador(RevertirPago, revertir, _flujo),
        Manejador(MarcarProcesando, marcar, _flujo),
        Manejador(RegistrarCobro, registrar_cobro, _flujo),
        Manejador(RegistrarReembolso, registrar_reembolso, _flujo),
    )

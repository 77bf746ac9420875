"""The replies of payments to a saga."""

from aeropartners.modulos.pagos.dominio.pago import Estado, Pago
from aeropartners.seedwork.aplicacion.mensajes import Respuesta


def final(pago: Pago) -> Respuesta | None:
    """Return the reply with the payment's outcome; None before it is known."""
    match pago.estado:
        case Estado.EXITOSO:
            return Respuesta(exito=True, resultado=_resultado(pago))
        case Estado.FALLIDO:
            return Respuesta(
                exito=False,
                resultado=_resultado(pago),
                codigo="PAGO_RECHAZADO",
                error=pago.mensaje_error or "Pago rechazado",
            )
        case Estado.REVERTIDO:
            return Respuesta(
                exito=False, resultado=_resultado(pago), codigo="ANULADO", error="El pago fue revertido"
            )
    return None


def reversion(pago: Pago) -> Respuesta:
    """Return the reply that no money of the payment is charged (any more)."""
    return Respuesta(exito=True, resultado=_resultado(pago))


def _resultado(pago: Pago) -> dict[str, object]:
    return {"id_pago": str(pago.id), "estado": str(pago.estado)}

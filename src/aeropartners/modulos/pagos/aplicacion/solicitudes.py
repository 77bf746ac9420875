"""The form of a payment: the body of `POST /pagos/`, and the part of a saga."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError

from aeropartners.modulos.pagos.dominio.solicitud import LARGO_TEXTO, Solicitud, SolicitudInvalida
from aeropartners.seedwork.aplicacion.formularios import DE_UNO_A, Esquema, MontoJson, Objeto, Texto, leer
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.valores import LARGO_MONEDA, MONEDAS, Dinero


class PagoEsquema(Esquema):
    """A new payment."""

    id_afiliado = Texto(required=True, maximo=LARGO_TEXTO, error_messages=DE_UNO_A)
    monto = MontoJson(required=True)
    moneda = Texto(required=True, maximo=LARGO_MONEDA, palabras=MONEDAS, error_messages=DE_UNO_A)
    referencia_pago = Texto(required=True, maximo=LARGO_TEXTO, error_messages=DE_UNO_A)
    metadata = Objeto(allow_none=True)


PAGO = PagoEsquema()


def leer_solicitud(datos: Mapping[str, Any]) -> Solicitud:
    """Return the request that came through a saga; raises SolicitudInvalida, whatever is wrong with it."""
    return solicitud(**leer(PAGO, datos, _invalida))


def solicitud(
    id_afiliado: str,
    monto: Decimal,
    moneda: str,
    referencia_pago: str,
    metadata: dict[str, Any] | None = None,
) -> Solicitud:
    """Return the request; raises SolicitudInvalida, also for an impossible amount or currency."""
    try:
        return Solicitud(id_afiliado, Dinero(monto, moneda), referencia_pago, metadata or {})
    except ErrorDeDominio as error:
        raise _invalida(error.mensaje) from error


def leer_referencia(datos: Mapping[str, Any]) -> str | None:
    """Return the reference that the request would claim, if that much of it is right."""
    try:
        return str(PAGO.fields["referencia_pago"].deserialize(datos.get("referencia_pago")))
    except ValidationError:
        return None


def _invalida(faltas: str) -> SolicitudInvalida:
    return SolicitudInvalida(f"Pago inválido: {faltas}")

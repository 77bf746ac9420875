"""Reads the part `pago` of a saga's initial data, by the same rules as `POST /pagos/`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from aeropartners.modulos.pagos.dominio.solicitud import LARGO_TEXTO, Solicitud, SolicitudInvalida
from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.valores import Dinero, en_nfc

OBLIGATORIOS = ("id_afiliado", "monto", "moneda", "referencia_pago")
MONTO_MAXIMO = Decimal("1e12")


def leer_solicitud(datos: Mapping[str, Any]) -> Solicitud:
    """Return the request; raises SolicitudInvalida. Fields that are not known are ignored."""
    faltan = [campo for campo in OBLIGATORIOS if datos.get(campo) is None]
    if faltan:
        raise SolicitudInvalida(f"Pago inválido: faltan {', '.join(faltan)}")
    metadata = datos.get("metadata")
    if not isinstance(metadata, dict | None):
        raise SolicitudInvalida("Pago inválido: metadata debe ser un objeto")
    return solicitud(
        _texto(datos, "id_afiliado"),
        _monto(datos["monto"]),
        _texto(datos, "moneda"),
        leer_referencia(datos),
        metadata or {},
    )


def solicitud(
    id_afiliado: str, monto: Decimal, moneda: str, referencia_pago: str, metadata: dict[str, Any]
) -> Solicitud:
    """Return the request; raises SolicitudInvalida, also for an impossible amount or currency."""
    try:
        return Solicitud(id_afiliado, Dinero(monto, moneda), referencia_pago, metadata)
    except ErrorDeDominio as error:
        raise SolicitudInvalida(f"Pago inválido: {error.mensaje}") from error


def leer_referencia(datos: Mapping[str, Any]) -> str:
    """Return the payment reference that the request claims; raises SolicitudInvalida."""
    return _texto(datos, "referencia_pago")


def _texto(datos: Mapping[str, Any], campo: str) -> str:
    valor = datos.get(campo)
    if not isinstance(valor, str) or "\x00" in valor:
        raise SolicitudInvalida(f"Pago inválido: {campo} debe ser un texto")
    texto = en_nfc(valor, LARGO_TEXTO)
    if not texto:
        raise SolicitudInvalida(f"Pago inválido: {campo} debe tener de 1 a {LARGO_TEXTO} caracteres")
    return texto


def _monto(valor: object) -> Decimal:
    if isinstance(valor, bool) or not isinstance(valor, int | float | Decimal):
        raise SolicitudInvalida("Pago inválido: monto debe ser un número")
    monto = Decimal(str(valor)) if isinstance(valor, float) else Decimal(valor)
    if not monto.is_finite() or abs(monto) >= MONTO_MAXIMO:
        raise SolicitudInvalida("Pago inválido: monto debe ser finito y menor que 10^12")
    return monto

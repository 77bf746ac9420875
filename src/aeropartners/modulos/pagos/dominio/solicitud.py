"""A request for a payment, and its rules."""

from dataclasses import dataclass, field
from typing import Any

from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.valores import Dinero

LARGO_TEXTO = 200


class SolicitudInvalida(ErrorDeDominio):
    """The request is invalid; the message says why."""

    codigo = "VALIDACION"


class MontoDebeSerPositivo(SolicitudInvalida):
    """The amount of a payment is positive."""


@dataclass(frozen=True, slots=True)
class Solicitud:
    """A request for a payment; whether its reference is free is not checked here."""

    id_afiliado: str
    dinero: Dinero
    referencia_pago: str
    metadata: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.dinero.monto <= 0:
            raise MontoDebeSerPositivo("El monto debe ser mayor que 0")

"""What a client asks to be paid, and the rules for it."""

from dataclasses import dataclass, field
from typing import Any

from aeropartners.seedwork.dominio.errores import ErrorDeDominio
from aeropartners.seedwork.dominio.valores import Dinero

LARGO_TEXTO = 200


class SolicitudInvalida(ErrorDeDominio):
    """Something in the request cannot be; the message says what."""

    codigo = "VALIDACION"


class MontoDebeSerPositivo(SolicitudInvalida):
    """A payment takes something."""


@dataclass(frozen=True, slots=True)
class Solicitud:
    """A payment that may be accepted, if its reference is free."""

    id_afiliado: str
    dinero: Dinero
    referencia_pago: str
    metadata: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.dinero.monto <= 0:
            raise MontoDebeSerPositivo("El monto debe ser mayor que 0")

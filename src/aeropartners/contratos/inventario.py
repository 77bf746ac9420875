"""The commands of stock, which every variant takes on topics of its own."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from aeropartners.seedwork.aplicacion.mensajes import mensaje

ESPACIO = UUID("6d0f4f0e-8a53-5c0e-9f0b-5b1c7a2f9d31")


def existencia_de(sistema: str, producto: object) -> UUID:
    """Return the stream of a product's stock in the variant of a system."""
    return uuid5(ESPACIO, f"{sistema}:existencia:{producto}")


@dataclass(frozen=True, slots=True)
class Linea:
    """So many units of one product; `existencia` is the stream of its stock, `nombre` is for error texts."""

    existencia: UUID
    producto: str
    cantidad: int
    nombre: str = ""


@mensaje("AbrirExistencia", 1)
@dataclass(frozen=True, slots=True)
class AbrirExistencia:
    """Open the stock of a product with a number of units; stock that is open is left as it is."""

    id: UUID
    producto: str
    total: int


@mensaje("ReservarExistencias", 1)
@dataclass(frozen=True, slots=True)
class ReservarExistencias:
    """Reserve all lines or none; `id` is the reservation, which expires after `ttl_s` seconds.

    `referencia` is what the system knows the reservation by.
    """

    id: UUID
    lineas: tuple[Linea, ...]
    ttl_s: float
    referencia: str = ""


@mensaje("ConsumirReserva", 1)
@dataclass(frozen=True, slots=True)
class ConsumirReserva:
    """Take the reserved units out of stock for good."""

    id: UUID


@mensaje("SoltarReserva", 1)
@dataclass(frozen=True, slots=True)
class SoltarReserva:
    """Give everything back, whatever came of the reservation: the undo of reserving and of consuming."""

    id: UUID


@mensaje("ExpirarReserva", 1)
@dataclass(frozen=True, slots=True)
class ExpirarReserva:
    """Let a reservation expire if it is time."""

    id: UUID

"""The payment gateway as a port."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from aeropartners.contratos.pagos import Cargo


@dataclass(frozen=True, slots=True)
class EnProceso:
    """No answer yet; ask again with the same key at `hasta`."""

    hasta: datetime


@dataclass(frozen=True, slots=True)
class CobroExitoso:
    """Charged, once, however often the key was sent."""


@dataclass(frozen=True, slots=True)
class CobroRechazado:
    """Declined for good; `mensaje` is what the client reads."""

    mensaje: str


@dataclass(frozen=True, slots=True)
class Reembolsado:
    """Given back, once, however often the key was sent."""


Cobro = EnProceso | CobroExitoso | CobroRechazado


class PasarelaPago(Protocol):
    """Takes money and gives it back. Safe from several threads and processes at once.

    The first call of a key fixes its outcome; every later call with that key returns the same one
    and never takes or gives twice, also when several arrive at once or the process died in between.
    `EnProceso` is no outcome yet. A call that raises or times out has an unknown outcome: it is
    never a decline, and the caller repeats it with the same key until it is answered.
    """

    def cobrar(self, clave: str, cargo: Cargo) -> Cobro:
        """Charge under a key."""

    def reembolsar(self, clave: str, clave_cobro: str) -> EnProceso | Reembolsado:
        """Give back, under a key of its own, the whole of what was charged under `clave_cobro`.

        Asked to give back what was never taken, it raises.
        """


@runtime_checkable
class PasarelaDeVarios(PasarelaPago, Protocol):
    """A gateway that takes many charges in one call, with the promises of `cobrar` for each."""

    def cobrar_varios(self, cargos: Sequence[tuple[str, Cargo]]) -> Sequence[Cobro]:
        """Charge under each key; when it raises, the outcome of all of them is unknown."""

"""The port of the payment gateway."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from aeropartners.contratos.pagos import Cargo


@dataclass(frozen=True, slots=True)
class EnProceso:
    """No outcome yet; call again with the same key at `hasta`."""

    hasta: datetime


@dataclass(frozen=True, slots=True)
class CobroExitoso:
    """The charge was made: once, although its key may have been sent often."""


@dataclass(frozen=True, slots=True)
class CobroRechazado:
    """The charge was declined for good; the client reads `mensaje`."""

    mensaje: str


@dataclass(frozen=True, slots=True)
class Reembolsado:
    """The money was given back: once, although its key may have been sent often."""


Cobro = EnProceso | CobroExitoso | CobroRechazado


class PasarelaPago(Protocol):
    """Takes money and gives it back. Safe from several threads and processes at once.

    The first call with a key fixes the outcome of that key. Every later call with it returns the same outcome
    and never takes or gives money twice, also when calls arrive at once or a process died in between.
    `EnProceso` is no outcome yet. A call that raises or times out has an unknown outcome: it is never a
    decline, and the caller repeats it with the same key until it gets an answer.
    """

    def cobrar(self, clave: str, cargo: Cargo) -> Cobro:
        """Charge the payment under a key."""

    def reembolsar(self, clave: str, clave_cobro: str) -> EnProceso | Reembolsado:
        """Give back all that was charged under `clave_cobro`; `clave` is the refund's own key.

        Raises if nothing was charged under `clave_cobro`.
        """


@runtime_checkable
class PasarelaDeVarios(PasarelaPago, Protocol):
    """A gateway that takes many charges in one call; each has the promises of `cobrar`."""

    def cobrar_varios(self, cargos: Sequence[tuple[str, Cargo]]) -> Sequence[Cobro]:
        """Charge each payment under its key; when it raises, the outcome of all is unknown."""

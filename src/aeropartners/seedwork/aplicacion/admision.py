"""Whether more work is let in: not while a loop of any process is too far behind."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from aeropartners.seedwork.aplicacion.puertos import Atraso, Reloj

log = structlog.get_logger(__name__)

# What was seen longer ago is no opinion: whoever looks hangs, or the database is away, and others say so.
VIGENCIA = timedelta(seconds=5)
ESPERA_MINIMA_S, ESPERA_MAXIMA_S = 1, 30


class DemasiadasPeticiones(Exception):
    """Refused before anything was done: the client may repeat after `espera_s`.

    `motivo` is which queue was too long: `retraso` (a loop's), `cola` (a writer's) or `servidor`.
    """

    def __init__(self, motivo: str, mensaje: str, espera_s: float) -> None:
        super().__init__(mensaje)
        self.motivo = motivo
        self.espera_s = min(max(math.ceil(espera_s), ESPERA_MINIMA_S), ESPERA_MAXIMA_S)


@dataclass(frozen=True, slots=True)
class Cierre:
    """Why nothing is let in, and since when."""

    desde: datetime
    atraso: Atraso

    @property
    def motivo(self) -> str:
        """Return it in words."""
        return (
            f"{self.atraso.bucle} va {self.atraso.segundos:.0f} s atrasado; los inicios se rechazan con 429"
        )


class Admision:
    """Closed from a delay over the limit on until it is under half of it. Safe from any thread.

    `mirar` belongs to one loop; who asks gets an answer from memory.
    """

    def __init__(self, limite_s: float, reloj: Reloj) -> None:
        self._limite_s = limite_s
        self._reloj = reloj
        self._cierre: Cierre | None = None
        self._visto: datetime | None = None

    @property
    def cierre(self) -> Cierre | None:
        """Why it is closed; None when it is open, or when nobody has looked of late."""
        visto = self._visto
        return self._cierre if visto and self._reloj.ahora() - visto < VIGENCIA else None

    def mirar(self, peor: Atraso | None) -> int:
        """Take in the worst delay of all processes; a round of its loop."""
        antes, ahora = self._cierre, self._reloj.ahora()
        limite = self._limite_s / 2 if antes else self._limite_s
        if self._limite_s and peor and peor.segundos > limite:
            self._cierre = Cierre(antes.desde if antes else ahora, peor)
        else:
            self._cierre = None
        self._visto = ahora
        if self._cierre and not antes:
            log.warning("admision_cerrada", **_dicho(self._cierre))
        elif antes and not self._cierre:
            log.warning("admision_abierta", **_dicho(antes))
        return 0

    def exigir(self) -> None:
        """Raise DemasiadasPeticiones while it is closed."""
        if cierre := self.cierre:
            segundos = cierre.atraso.segundos
            raise DemasiadasPeticiones(
                "retraso", f"El sistema va {segundos:.0f} s atrasado; intente más tarde", segundos
            )


def _dicho(cierre: Cierre) -> dict[str, object]:
    atraso = cierre.atraso
    return {"bucle": atraso.bucle, "proceso": str(atraso.proceso), "retraso_s": round(atraso.segundos, 1)}

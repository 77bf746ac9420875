"""Whether more work is let in: not while a loop of any process is too far behind, or the outbox is full."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from aeropartners.seedwork.aplicacion.puertos import PeorRetraso, Reloj

log = structlog.get_logger(__name__)

# What was seen longer ago is no opinion: whoever looks hangs, or the database is away, and others say so.
VIGENCIA = timedelta(seconds=5)
ESPERA_MINIMA_S, ESPERA_MAXIMA_S = 1, 30
MIB = 1024 * 1024


class DemasiadasPeticiones(Exception):
    """Refused before anything was done: the client may repeat after `espera_s`.

    `motivo` is which queue was too long: `retraso` (a loop's), `salida` (the outbox), `cola` (a writer's) or
    `servidor`.
    """

    def __init__(self, motivo: str, mensaje: str, espera_s: float) -> None:
        super().__init__(mensaje)
        self.motivo = motivo
        self.espera_s = min(max(math.ceil(espera_s), ESPERA_MINIMA_S), ESPERA_MAXIMA_S)


@dataclass(frozen=True, slots=True)
class Cierre:
    """Why nothing is let in, and since when: a loop that is late, or else an outbox of so many MiB."""

    desde: datetime
    retraso: PeorRetraso | None
    salida_mib: float = 0.0

    @property
    def motivo(self) -> str:
        """Return it in words."""
        que = (
            f"{self.retraso.bucle} va {self.retraso.segundos:.0f} s atrasado"
            if self.retraso
            else f"la salida guarda {self.salida_mib:.0f} MiB que el broker no toma"
        )
        return f"{que}; los inicios se rechazan con 429"


class Admision:
    """Closed from a delay, or an outbox, over its limit until it is under half of it. Safe from any thread.

    `mirar` belongs to one loop; who asks gets an answer from memory. A limit of 0 is none.
    """

    def __init__(self, limite_s: float, reloj: Reloj, limite_mib: float = 0) -> None:
        self._limite_s = limite_s
        self._limite_mib = limite_mib
        self._reloj = reloj
        self._cierre: Cierre | None = None
        self._visto: datetime | None = None

    @property
    def cierre(self) -> Cierre | None:
        """Why it is closed; None when it is open, or when nobody has looked of late."""
        visto = self._visto
        return self._cierre if visto and self._reloj.ahora() - visto < VIGENCIA else None

    def mirar(self, peor: PeorRetraso | None, salida_bytes: int = 0) -> int:
        """Take in the worst delay of all processes and what the outbox holds; a round of its loop."""
        antes, ahora = self._cierre, self._reloj.ahora()
        desde, mib = antes.desde if antes else ahora, salida_bytes / MIB
        tardio, llena = bool(antes and antes.retraso), bool(antes and antes.salida_mib)
        if peor and _excede(peor.segundos, self._limite_s, tardio):
            self._cierre = Cierre(desde, peor)
        elif _excede(mib, self._limite_mib, llena):
            self._cierre = Cierre(desde, None, mib)
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
        cierre = self.cierre
        if cierre and cierre.retraso:
            segundos = cierre.retraso.segundos
            raise DemasiadasPeticiones(
                "retraso", f"El sistema va {segundos:.0f} s atrasado; intente más tarde", segundos
            )
        if cierre:
            raise DemasiadasPeticiones(
                "salida", "La cola de salida está llena; intente más tarde", ESPERA_MAXIMA_S
            )


def _excede(valor: float, limite: float, ya: bool) -> bool:
    return bool(limite) and valor > (limite / 2 if ya else limite)


def _dicho(cierre: Cierre) -> dict[str, object]:
    if cierre.retraso is None:
        return {"salida_mib": round(cierre.salida_mib)}
    retraso = cierre.retraso
    return {"bucle": retraso.bucle, "proceso": str(retraso.proceso), "retraso_s": round(retraso.segundos, 1)}

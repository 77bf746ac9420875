"""Admission of new work: none while a loop of any process is too far behind, or the outbox is too large."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from aeropartners.seedwork.aplicacion.puertos import PeorRetraso, Reloj

log = structlog.get_logger(__name__)

# An older observation does not count. Then the loop that observes hangs or the database is away, and other
# checks report that.
VIGENCIA = timedelta(seconds=5)
ESPERA_MINIMA_S, ESPERA_MAXIMA_S = 1, 30
MIB = 1024 * 1024


class DemasiadasPeticiones(Exception):
    """The request is refused before anything was done: the client may repeat it after `espera_s` seconds.

    `motivo` names the queue that is too long: `retraso` (messages of a loop), `salida` (the outbox), `cola`
    (the requests of a writer), `servidor` (the threads of the HTTP server); or `acceso`: too many failed
    logins.
    """

    def __init__(self, motivo: str, mensaje: str, espera_s: float) -> None:
        super().__init__(mensaje)
        self.motivo = motivo
        self.espera_s = min(max(math.ceil(espera_s), ESPERA_MINIMA_S), ESPERA_MAXIMA_S)


@dataclass(frozen=True, slots=True)
class Cierre:
    """Why new work is refused, and since when: a late loop, or else the size of the outbox in MiB."""

    desde: datetime
    retraso: PeorRetraso | None
    salida_mib: float = 0.0

    @property
    def motivo(self) -> str:
        """The reason in words, for operators."""
        que = (
            f"{self.retraso.bucle} va {self.retraso.segundos:.0f} s atrasado"
            if self.retraso
            else f"la salida guarda {self.salida_mib:.0f} MiB que el broker no toma"
        )
        return f"{que}; los inicios se rechazan con 429"


class Admision:
    """Decides whether new work is admitted. Safe from any thread.

    It closes when a delay (seconds) or the outbox (MiB) exceeds its limit, and opens again under half of the
    limit. A limit of 0 means none. One loop calls `mirar`; `exigir` answers from memory.
    """

    def __init__(self, limite_s: float, reloj: Reloj, limite_mib: float = 0) -> None:
        self._limite_s = limite_s
        self._limite_mib = limite_mib
        self._reloj = reloj
        self._cierre: Cierre | None = None
        self._visto: datetime | None = None

    @property
    def cierre(self) -> Cierre | None:
        """Why new work is refused; None when it is admitted, or when the last observation is too old."""
        visto = self._visto
        return self._cierre if visto and self._reloj.ahora() - visto < VIGENCIA else None

    def mirar(self, peor: PeorRetraso | None, salida_bytes: int = 0) -> int:
        """Take in the worst delay of all processes and the size of the outbox; a round of a loop.

        Return 0.
        """
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
        """Raise DemasiadasPeticiones while new work is refused."""
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

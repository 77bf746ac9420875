"""A virtual clock, and ids that rise with it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from aeropartners.seedwork.aplicacion.censo import Desfase
from aeropartners.seedwork.aplicacion.puertos import RelojDesviado

COMIENZO = datetime(2026, 1, 1, tzinfo=UTC)
_VERSION, _VARIANTE = 7 << 76, 2 << 62


class RelojVirtual:
    """See the port `Reloj`; the time moves only by `avanzar` and `ir_a`."""

    def __init__(self) -> None:
        self._ahora = COMIENZO

    def ahora(self) -> datetime:
        return self._ahora

    def avanzar(self, segundos: float) -> None:
        """Move the time on."""
        self._ahora += timedelta(seconds=segundos)

    def ir_a(self, momento: datetime) -> None:
        """Move the time on to a moment; an earlier moment changes nothing."""
        self._ahora = max(self._ahora, momento)


class RelojDeProceso:
    """See the port `Reloj`: the clock of one process, wrong by `desvio_s` seconds."""

    def __init__(self, reloj: RelojVirtual) -> None:
        self._reloj = reloj
        self.desvio_s = 0.0

    def ahora(self) -> datetime:
        return self._reloj.ahora() + timedelta(seconds=self.desvio_s)


class IdsVirtuales:
    """See the port `Identificadores`: the same schedule gets the same ids."""

    def __init__(self, reloj: RelojVirtual) -> None:
        self._reloj = reloj
        self._ultimo = 0

    def nuevo(self) -> UUID:
        self._ultimo += 1
        milisegundos = int(self._reloj.ahora().timestamp() * 1000)
        return UUID(int=milisegundos << 80 | _VERSION | _VARIANTE | self._ultimo)


class IdsDeProceso:
    """See the port `Identificadores`; raises RelojDesviado while the process's clock is known to be wrong."""

    def __init__(self, ids: IdsVirtuales, desfase: Desfase) -> None:
        self._ids = ids
        self._desfase = desfase

    def nuevo(self) -> UUID:
        if self._desfase.desde:
            raise RelojDesviado(self._desfase.texto)
        return self._ids.nuevo()

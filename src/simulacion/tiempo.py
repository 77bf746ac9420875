"""A clock that moves when it is told to, and ids that rise with it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

COMIENZO = datetime(2026, 1, 1, tzinfo=UTC)
_VERSION, _VARIANTE = 7 << 76, 2 << 62


class RelojVirtual:
    """See the port `Reloj`."""

    def __init__(self) -> None:
        self._ahora = COMIENZO

    def ahora(self) -> datetime:
        return self._ahora

    def avanzar(self, segundos: float) -> None:
        """Let time go by."""
        self._ahora += timedelta(seconds=segundos)

    def ir_a(self, momento: datetime) -> None:
        """Let time go by until a moment; never back."""
        self._ahora = max(self._ahora, momento)


class IdsVirtuales:
    """See the port `Identificadores`: the same ids whenever the same schedule is played."""

    def __init__(self, reloj: RelojVirtual) -> None:
        self._reloj = reloj
        self._ultimo = 0

    def nuevo(self) -> UUID:
        self._ultimo += 1
        milisegundos = int(self._reloj.ahora().timestamp() * 1000)
        return UUID(int=milisegundos << 80 | _VERSION | _VARIANTE | self._ultimo)

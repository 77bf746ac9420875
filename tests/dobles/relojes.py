"""Clocks that a test moves or bends, and ids that are the same in every run."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from aeropartners.seedwork.infraestructura.base.relojes import RelojReal


class Reloj:
    """See the port: a clock that the test moves."""

    def __init__(self, momento: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.momento = momento

    def ahora(self) -> datetime:
        return self.momento

    def pasar(self, segundos: float) -> datetime:
        """Move it on."""
        self.momento += timedelta(seconds=segundos)
        return self.momento

    def hace(self, *segundos: float) -> list[datetime]:
        """Return instants that lie so far back."""
        return [self.momento - timedelta(seconds=s) for s in segundos]


class RelojTorcido:
    """See the port `Reloj`: the real clock, wrong by `desvio`."""

    def __init__(self, desvio: timedelta) -> None:
        self.desvio = desvio

    def ahora(self) -> datetime:
        return RelojReal().ahora() + self.desvio


class Cronometro:
    """The seconds of a process (`time.monotonic`), which the test moves."""

    def __init__(self, segundos: float = 0.0) -> None:
        self.segundos = segundos

    def __call__(self) -> float:
        return self.segundos


class Numerados:
    """See the port `Identificadores`; those of one `serie` are the same in every run."""

    def __init__(self, serie: str = "9000") -> None:
        self._serie = serie
        self._ultimo = 0

    def nuevo(self) -> UUID:
        self._ultimo += 1
        return UUID(f"0190a5a0-0000-7000-{self._serie}-{self._ultimo:012d}")

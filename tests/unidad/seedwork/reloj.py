"""A clock that the test moves."""

from datetime import UTC, datetime, timedelta


class Reloj:
    """See the port."""

    def __init__(self) -> None:
        self.momento = datetime(2026, 1, 1, tzinfo=UTC)

    def ahora(self) -> datetime:
        return self.momento

    def pasar(self, segundos: float) -> datetime:
        """Move it on."""
        self.momento += timedelta(seconds=segundos)
        return self.momento

    def hace(self, *segundos: float) -> list[datetime]:
        """Return instants that lie so far back."""
        return [self.momento - timedelta(seconds=s) for s in segundos]

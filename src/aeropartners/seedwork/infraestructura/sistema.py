"""The real clock and the real source of ids."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


class RelojReal:
    """See the port `Reloj`."""

    def ahora(self) -> datetime:
        return datetime.now(UTC)


class Uuid7:
    """See the port `Identificadores`."""

    def nuevo(self) -> UUID:
        return uuid7()

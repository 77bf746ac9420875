"""Column types that hold the same values in PostgreSQL and in SQLite."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Numeric, String, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

ESCALA = 10_000


def texto_utc(momento: datetime) -> str:
    """Return the instant as UTC text of fixed width, so that text order is time order."""
    # Not strftime: its %Y writes the year 594 with three digits, which no parser reads back.
    return momento.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Id(TypeDecorator[UUID]):
    """A uuid; text with dashes in SQLite."""

    impl = Uuid
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Uuid() if dialect.name == "postgresql" else String(36))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return value if value is None or isinstance(value, UUID) else UUID(value)


class Momento(TypeDecorator[datetime]):
    """An instant: timestamptz; UTC text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        tipo = DateTime(timezone=True) if dialect.name == "postgresql" else String(27)
        return dialect.type_descriptor(tipo)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else texto_utc(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        momento = datetime.fromisoformat(value) if isinstance(value, str) else value
        return momento.astimezone(UTC)


class Monto(TypeDecorator[Decimal]):
    """Exact money: numeric(18,4); an integer of ten-thousandths in SQLite."""

    impl = Numeric(18, 4)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Numeric(18, 4) if dialect.name == "postgresql" else BigInteger())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "postgresql" else int(value * ESCALA)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        return Decimal(value) / ESCALA

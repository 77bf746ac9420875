"""Counters that give numbers in sequence: one row each, changed in the transaction that uses the number."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "contadores",
        sa.Column("nombre", sa.String(100), primary_key=True),
        sa.Column("valor", sa.BigInteger, nullable=False),
    )

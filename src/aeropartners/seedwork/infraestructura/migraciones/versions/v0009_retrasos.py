"""The table in which each process publishes its worst delay, while there is one."""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the table; a row is rewritten each second, so its page leaves room for new versions."""
    op.create_table(
        "retrasos",
        sa.Column("proceso", Id, primary_key=True),
        sa.Column("bucle", sa.String(60), nullable=False),
        sa.Column("retraso_ms", sa.Integer, nullable=False),
        sa.Column("momento", Momento, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE retrasos SET (fillfactor=50)")

"""The table of the toy module."""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Id

revision = "9000"
down_revision = "the last one there is"


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "saludos",
        sa.Column("id", Id, primary_key=True),
        sa.Column("texto", sa.Text, nullable=False),
        sa.Column("estado", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )

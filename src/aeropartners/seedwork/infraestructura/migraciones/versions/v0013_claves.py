"""The table of API keys, stored by their hash."""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the table. A revoked key's row stays, because the audit names the key."""
    op.create_table(
        "claves",
        sa.Column("id", Id, primary_key=True),
        sa.Column("prefijo", sa.String(20), nullable=False, unique=True),
        sa.Column("huella", sa.String(64), nullable=False, unique=True),
        sa.Column("nombre", sa.String(80), nullable=False),
        sa.Column("rol", sa.String(20), nullable=False),
        sa.Column("creada", Momento, nullable=False),
        sa.Column("caduca", Momento),
        sa.Column("revocada", Momento),
    )

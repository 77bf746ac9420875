"""Columns for messages that wait for a version, for the next tries of sagas, and for known definitions."""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Momento

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Add the columns, null in existing rows: no message waits for a version yet."""
    op.add_column("reintentos", sa.Column("falta", sa.String(200)))
    op.add_column("reintentos", sa.Column("falta_version", sa.Integer))
    faltan = sa.text("falta IS NOT NULL")
    op.create_index(
        "reintentos_falta",
        "reintentos",
        ["consumidor", "falta", "falta_version"],
        postgresql_where=faltan,
        sqlite_where=faltan,
    )
    op.add_column("sagas", sa.Column("reintento", Momento))
    op.create_table(
        "definiciones",
        sa.Column("tipo", sa.String(100), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("forma", sa.JSON, nullable=False),
        sa.Column("registrada", Momento, nullable=False),
        sa.Column("permitida", sa.Boolean, nullable=False),
    )

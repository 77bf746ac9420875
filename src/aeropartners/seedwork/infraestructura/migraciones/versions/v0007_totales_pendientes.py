"""Totals by differences: each transaction stores its own, and the projector adds them up.

The old totals are deleted: the projector counts them again from the events when it starts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table of waiting differences, and have every projection counted again."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE totales_pendientes (proyeccion varchar(60) NOT NULL,"
            " posicion bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cambios text NOT NULL,"
            " tx xid8 NOT NULL DEFAULT pg_current_xact_id())"
        )
    else:
        op.create_table(
            "totales_pendientes",
            sa.Column("posicion", sa.Integer, primary_key=True, autoincrement=True),
            sa.Column("proyeccion", sa.String(60), nullable=False),
            sa.Column("cambios", sa.Text, nullable=False),
            sqlite_autoincrement=True,
        )
    op.execute("DELETE FROM totales")
    op.execute("DELETE FROM proyecciones")

"""Inbox rows with ids of our own: the id that the sender of a public message chose gets its own column."""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Id

revision = "0018"
down_revision = "0017"

_CAMPANAS = """
    SELECT COALESCE(n.ajena, n.id) AS event_id, e.tipo AS event_type, n.vista AS processed_at,
        e.datos AS payload
    FROM entrada n JOIN eventos e ON e.id = COALESCE(n.ajena, n.id) WHERE n.consumidor = 'campaigns-failover'
"""


def upgrade() -> None:
    """Add the column, an index where such rows are, and the contract's view over it."""
    postgres = op.get_bind().dialect.name == "postgresql"
    op.add_column("entrada", sa.Column("ajena", Id))
    con_otro = sa.text("ajena IS NOT NULL")
    op.create_index(
        "entrada_ajena",
        "entrada_otras" if postgres else "entrada",
        ["ajena"],
        postgresql_where=con_otro,
        sqlite_where=con_otro,
    )
    if not postgres:
        op.execute("DROP VIEW event_inbox_campanas")
    op.execute(f"CREATE {'OR REPLACE ' if postgres else ''}VIEW event_inbox_campanas AS {_CAMPANAS}")

"""The table of living processes, and the table with the oldest code that may run on this schema."""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Create both tables. A process's row is rewritten every two seconds: its page leaves room for that."""
    op.create_table(
        "procesos",
        sa.Column("id", Id, primary_key=True),
        sa.Column("servicio", sa.String(60), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("conoce", sa.JSON, nullable=False),
        sa.Column("desfase_ms", sa.BigInteger, nullable=False),
        sa.Column("situacion", sa.String(20)),
        sa.Column("demora_ms", sa.BigInteger),
        sa.Column("visto", Momento, nullable=False),
    )
    esquema = op.create_table("esquema", sa.Column("minimo", sa.String(20), nullable=False))
    op.execute(sa.insert(esquema).values(minimo=revision))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE procesos SET (fillfactor=50)")
        op.execute("REVOKE INSERT, UPDATE, DELETE ON esquema FROM aeropartners_app")

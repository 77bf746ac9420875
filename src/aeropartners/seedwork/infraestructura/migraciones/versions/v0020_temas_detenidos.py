"""The table of topics that refuse messages: the relay writes it; `/ready` and the metrics show it."""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Momento

revision = "0020"
down_revision = "0018"


def upgrade() -> None:
    """Create the table; it is empty while all topics accept messages."""
    op.create_table(
        "temas_detenidos",
        sa.Column("tema", sa.String(200), primary_key=True),
        sa.Column("causa", sa.Text, nullable=False),
        sa.Column("desde", Momento, nullable=False),
    )

"""The topics that take nothing for now: what the relay tells every process, `/ready` and the metrics."""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Momento

revision = "0020"
down_revision = "0018"


def upgrade() -> None:
    """Create the table; it is empty while all is well."""
    op.create_table(
        "temas_detenidos",
        sa.Column("tema", sa.String(200), primary_key=True),
        sa.Column("causa", sa.Text, nullable=False),
        sa.Column("desde", Momento, nullable=False),
    )

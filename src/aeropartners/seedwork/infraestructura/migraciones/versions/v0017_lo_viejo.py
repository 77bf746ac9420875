"""Indexes on time for rows that are deleted or listed by their age.

A BRIN index would cost less but find nothing: a range of blocks keeps the oldest time that it ever held, and
new rows fill the space of deleted ones. Times only grow, so a row goes to the index's last page.
"""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create the indexes; SQLite needs fewer, because its oldest rows come first."""
    op.create_index("muertos_fecha", "muertos", ["fecha", "id"])
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("claves_idempotencia_creado", "claves_idempotencia", ["creado"])
        op.create_index("entrada_otras_vista", "entrada_otras", ["vista"])

"""Look-ups for what is removed or listed by its age.

A BRIN would cost less and find nothing: a range of blocks keeps the oldest time that it ever had, and these
tables fill the places of what was removed. Times only grow, so a row goes to the last page of its index.
"""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the indexes; on SQLite rows are removed from the front, where the oldest are."""
    op.create_index("muertos_fecha", "muertos", ["fecha", "id"])
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("claves_idempotencia_creado", "claves_idempotencia", ["creado"])
        op.create_index("entrada_otras_vista", "entrada_otras", ["vista"])

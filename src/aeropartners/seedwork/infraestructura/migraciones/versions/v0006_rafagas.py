"""Compression of the outbox's bursts: pglz costs more than writing them uncompressed."""

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Compress by lz4 if the server can, otherwise not at all; only PostgreSQL compresses."""
    con = op.get_bind()
    if con.dialect.name != "postgresql":
        return
    formas = con.execute(text("SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'"))
    como = "COMPRESSION lz4" if "lz4" in (formas.scalar() or ()) else "STORAGE EXTERNAL"
    op.execute(f"ALTER TABLE salida ALTER COLUMN cuerpo SET {como}")

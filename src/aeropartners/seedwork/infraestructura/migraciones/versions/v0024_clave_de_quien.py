"""An idempotency key belongs to its caller, which becomes part of the primary key.

The release before this one writes keys without a caller, and finds the keys of this one by service, route and
key: both releases can run at once. The table holds one day, so a new primary key takes seconds.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"

TABLA = "claves_idempotencia"
CLAVE = "servicio, ruta, clave, cliente"
_INDICES = f"SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = '{TABLA}' AND sql IS NOT NULL"


def upgrade() -> None:
    """Add the caller to the table and to its primary key."""
    if op.get_bind().dialect.name == "postgresql":
        op.add_column(TABLA, sa.Column("cliente", sa.String(32), nullable=False, server_default=""))
        op.execute(
            f"ALTER TABLE {TABLA} DROP CONSTRAINT {TABLA}_pkey,"
            f" ADD CONSTRAINT {TABLA}_pkey PRIMARY KEY ({CLAVE})"
        )
        return
    # SQLite cannot change a primary key: the table is made again, with the indexes that it had.
    indices = [sql for (sql,) in op.get_bind().exec_driver_sql(_INDICES)]
    op.execute(f"ALTER TABLE {TABLA} RENAME TO {TABLA}_antes")
    op.execute(
        f"CREATE TABLE {TABLA} (servicio VARCHAR(60) NOT NULL, ruta VARCHAR(200) NOT NULL,"
        " clave VARCHAR(255) NOT NULL, cliente VARCHAR(32) NOT NULL DEFAULT '', huella VARCHAR(64) NOT NULL,"
        f" estado INTEGER NOT NULL, cuerpo JSON NOT NULL, creado VARCHAR(27) NOT NULL, PRIMARY KEY ({CLAVE}))"
    )
    columnas = "servicio, ruta, clave, huella, estado, cuerpo, creado"
    op.execute(f"INSERT INTO {TABLA} ({columnas}) SELECT {columnas} FROM {TABLA}_antes")
    op.execute(f"DROP TABLE {TABLA}_antes")
    for sql in indices:
        op.execute(sql)

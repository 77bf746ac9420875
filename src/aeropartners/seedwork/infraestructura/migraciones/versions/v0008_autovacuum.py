"""Autovacuum of the hot tables: often and little, so that their pages are used again.

The default waits for a fifth of a table to be dead. A queue like the outbox is empty most of the time and
all of it is dead; a week of sagas is large, and a fifth of it is hundreds of megabytes of old versions.
"""

from alembic import op
from sqlalchemy import text

revision = "0008"
down_revision = "0007"

COLAS = ("salida", "reintentos", "intentos", "totales_pendientes")
CAMBIANTES = ("pagos", "campanas", "totales", "unicos")
PARTICIONADAS = ("sagas", "saga_pasos", "saga_compensaciones")
COLA = "autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=500, autovacuum_vacuum_cost_delay=0"
CAMBIANTE = "autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=1000"


def upgrade() -> None:
    """Set what PostgreSQL needs; the partitions to come get theirs from `particiones`."""
    con = op.get_bind()
    if con.dialect.name != "postgresql":
        return
    for tabla in COLAS:
        op.execute(f"ALTER TABLE {tabla} SET ({COLA})")
    particiones = text(
        "SELECT CAST(CAST(inhrelid AS regclass) AS text) FROM pg_inherits"
        " JOIN pg_class c ON c.oid = inhrelid"
        " WHERE c.relkind = 'r' AND CAST(CAST(inhparent AS regclass) AS text) = ANY(:tablas)"
    )
    existentes = con.execute(particiones, {"tablas": list(PARTICIONADAS)}).scalars()
    for tabla in (*CAMBIANTES, *existentes):
        op.execute(f"ALTER TABLE {tabla} SET ({CAMBIANTE})")

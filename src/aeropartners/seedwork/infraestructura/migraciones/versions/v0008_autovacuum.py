"""Autovacuum of the tables that change most: often and little, so that their pages are used again.

By default autovacuum waits until a fifth of a table is dead. The outbox is empty most of the time, so all of
its rows are dead. A week of sagas is large, and a fifth of it is hundreds of megabytes of old versions.
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
    """Set the storage parameters of PostgreSQL; later partitions get theirs from `crear_particion`."""
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

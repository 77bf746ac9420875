"""The audit of every operation, under the contract's column names (004, section 8)."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_NOMBRES = {
    "fecha": "momento",
    "quien": "actor",
    "orden": "operacion",
    "objeto": "recurso",
    "datos": "detalle",
}
# Older rows are orders that were carried out, without a key: their defaults say so.
_NUEVAS = (
    sa.Column("rol", sa.String(20)),
    sa.Column("correlation_id", sa.String(100), nullable=False, server_default=""),
    sa.Column("origen", sa.String(100), nullable=False, server_default=""),
    sa.Column("resultado", sa.String(20), nullable=False, server_default="hecha"),
)


def upgrade() -> None:
    """Rename and add columns: no row changes, so the triggers that forbid changes can stay."""
    for viejo, nuevo in _NOMBRES.items():
        op.execute(f"ALTER TABLE auditoria RENAME COLUMN {viejo} TO {nuevo}")
    for columna in _NUEVAS:
        op.add_column("auditoria", columna)
    op.drop_index("auditoria_objeto", "auditoria")
    # Only dead letters are looked up by their name, among the rows of every operation.
    de_muertos = sa.text("operacion LIKE 'muertos.%'")
    op.create_index(
        "auditoria_muertos", "auditoria", ["recurso"], postgresql_where=de_muertos, sqlite_where=de_muertos
    )
    # Rows are inserted in the order of time: a BRIN index is enough, and costs an insert nothing.
    op.create_index("auditoria_momento", "auditoria", ["momento"], postgresql_using="brin")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE auditoria ALTER COLUMN operacion TYPE varchar(200)")
        op.execute("ALTER TABLE auditoria ALTER COLUMN recurso TYPE varchar(300)")

"""The audit table for operators' orders that are in no saga's events, and the index of stuck sagas."""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento

revision = "0005"
down_revision = "0004"

_POSTGRES = (
    "CREATE FUNCTION auditoria_intacta() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'auditoria solo admite filas nuevas'; END $$",
    "CREATE TRIGGER auditoria_intacta BEFORE UPDATE OR DELETE OR TRUNCATE ON auditoria"
    " FOR EACH STATEMENT EXECUTE FUNCTION auditoria_intacta()",
)
_SQLITE = tuple(
    f"CREATE TRIGGER auditoria_{orden.lower()} BEFORE {orden} ON auditoria"
    " BEGIN SELECT RAISE(ABORT, 'auditoria solo admite filas nuevas'); END"
    for orden in ("UPDATE", "DELETE")
)


def upgrade() -> None:
    """Create both; triggers in the database forbid changes of audit rows."""
    op.create_table(
        "auditoria",
        sa.Column("id", Id, primary_key=True),
        sa.Column("fecha", Momento, nullable=False),
        sa.Column("quien", sa.String(100), nullable=False),
        sa.Column("orden", sa.String(60), nullable=False),
        sa.Column("objeto", sa.String(150), nullable=False),
        sa.Column("motivo", sa.Text, nullable=False),
        sa.Column("saga_id", Id),
        sa.Column("datos", sa.JSON, nullable=False),
    )
    op.create_index("auditoria_objeto", "auditoria", ["objeto"])
    de_saga = sa.text("saga_id IS NOT NULL")
    op.create_index(
        "auditoria_saga", "auditoria", ["saga_id"], postgresql_where=de_saga, sqlite_where=de_saga
    )
    atascada = sa.text("requiere_atencion")
    op.create_index(
        "sagas_atencion", "sagas", ["fecha_inicio"], postgresql_where=atascada, sqlite_where=atascada
    )
    postgres = op.get_bind().dialect.name == "postgresql"
    for orden in _POSTGRES if postgres else _SQLITE:
        op.execute(orden)

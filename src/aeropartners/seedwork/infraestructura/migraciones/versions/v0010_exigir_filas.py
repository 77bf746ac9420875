"""A function that raises when a guarded update found too few rows, so that no round trip must check."""

from alembic import op

revision = "0010"
down_revision = "0009"

FUNCION = """
CREATE FUNCTION exigir_filas(tabla text, hechas bigint, debidas bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF hechas <> debidas THEN
        RAISE EXCEPTION '%: % filas cambiaron de versión', tabla, debidas - hechas
            USING ERRCODE = 'serialization_failure';
    END IF;
END $$
"""


def upgrade() -> None:
    """Create the function on PostgreSQL; on SQLite the process counts the rows."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCION)

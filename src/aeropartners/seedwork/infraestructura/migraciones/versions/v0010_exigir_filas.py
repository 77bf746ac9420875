"""A guarded update says itself that it found too few rows, so that nobody has to wait for its answer."""

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
    """Make the function; SQLite counts in the process."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCION)

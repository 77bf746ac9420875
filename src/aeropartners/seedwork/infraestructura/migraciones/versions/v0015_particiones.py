"""Partitions are created apart and attached, misplaced rows move in, and locks wait one second at most.

`CREATE TABLE … PARTITION OF` locks its parent table against all statements, and fails while the DEFAULT
partition has a row of its range. Attaching locks only the DEFAULT partition, which gets few writes.
"""

from alembic import op

revision = "0015"
down_revision = "0014"

_HOLGURA = "fillfactor=50, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=1000"
_CREAR = f"""
CREATE OR REPLACE FUNCTION crear_particion(madre text, dia text, desde uuid, hasta uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
    opciones text;
    clave text := CASE WHEN madre IN ('entrada', 'sagas') THEN 'id' ELSE 'saga_id' END;
    nueva text := madre || '_' || dia;
    otras text := madre || '_otras';
    columnas text;
BEGIN
    opciones := CASE
        WHEN madre IN ('entrada', 'saga_eventos') THEN ''
        WHEN madre IN ('sagas', 'saga_pasos', 'saga_compensaciones', 'saga_partners')
            THEN ' WITH ({_HOLGURA})'
    END;
    IF opciones IS NULL OR dia !~ '^[0-9]{{8}}$' THEN
        RAISE EXCEPTION 'no es una partición: % %', madre, dia;
    END IF;
    IF to_regclass(nueva) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS)' || opciones, nueva, madre);
    -- What attaching asks for at its end, asked for first: nobody writes a row that would stay behind.
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', otras);
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columnas FROM pg_attribute
        WHERE attrelid = CAST(nueva AS regclass) AND attnum > 0 AND NOT attisdropped;
    EXECUTE format(
        'WITH movidas AS (DELETE FROM %I WHERE %I >= %L AND %I < %L RETURNING %s)'
        ' INSERT INTO %I (%s) SELECT %s FROM movidas',
        otras, clave, desde, clave, hasta, columnas, nueva, columnas, columnas
    );
    EXECUTE format(
        'ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', madre, nueva, desde, hasta
    );
END $$
"""


def upgrade() -> None:
    """Replace `crear_particion`, and bound the lock waits of both functions; SQLite has no partitions."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_CREAR)
        op.execute("ALTER FUNCTION soltar_entrada(text) SET lock_timeout = '1s'")

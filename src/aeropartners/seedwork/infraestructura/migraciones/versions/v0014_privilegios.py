"""Privileges in PostgreSQL: the owner migrates; the application's role may only do its work.

`aeropartners_app` is a role without login. A process connects as a member of it (DATABASE_URL); `migrar`,
`retencion` and `claves` connect as the owner (DATABASE_URL_ADMIN). A connection as the owner has all
privileges, as before.
"""

from alembic import op

revision = "0014"
down_revision = "0013"

ROL = "aeropartners_app"
_ROL = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROL}') THEN
        CREATE ROLE {ROL} NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of this cluster made it just now
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'falta el rol {ROL}: quien pueda, ejecute CREATE ROLE {ROL} NOLOGIN';
END $$
"""
_PERMISOS = (
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    f"GRANT USAGE ON SCHEMA public TO {ROL}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROL}",
    f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROL}",
    # Also for tables of later migrations; a table whose rows must not change revokes this, as here.
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {ROL}",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {ROL}",
    f"REVOKE UPDATE, DELETE ON auditoria FROM {ROL}",
    f"REVOKE INSERT, UPDATE, DELETE ON claves FROM {ROL}",
    f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {ROL}",
)
# A process creates partitions and drops old ones of the inbox with the owner's rights, through these
# functions only. Tables whose rows change keep half of each page free, as in migration 0008.
_HOLGURA = "fillfactor=50, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=1000"
_FUNCIONES = (
    f"""
CREATE FUNCTION crear_particion(madre text, dia text, desde uuid, hasta uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE opciones text;
BEGIN
    opciones := CASE
        WHEN madre IN ('entrada', 'saga_eventos') THEN ''
        WHEN madre IN ('sagas', 'saga_pasos', 'saga_compensaciones', 'saga_partners')
            THEN ' WITH ({_HOLGURA})'
    END;
    IF opciones IS NULL OR dia !~ '^[0-9]{{8}}$' THEN
        RAISE EXCEPTION 'no es una partición: % %', madre, dia;
    END IF;
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)' || opciones,
        madre || '_' || dia, madre, desde, hasta
    );
END $$
""",
    """
CREATE FUNCTION soltar_entrada(dia text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF dia !~ '^[0-9]{8}$' OR to_date(dia, 'YYYYMMDD') > current_date - 8 THEN
        RAISE EXCEPTION 'la entrada guarda 8 días: %', dia;
    END IF;
    EXECUTE format('DROP TABLE %I', 'entrada_' || dia);
END $$
""",
    "REVOKE ALL ON FUNCTION crear_particion(text, text, uuid, uuid), soltar_entrada(text) FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION crear_particion(text, text, uuid, uuid), soltar_entrada(text) TO {ROL}",
)


def upgrade() -> None:
    """Create role, functions and grants on PostgreSQL; SQLite is a file and has no roles."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for orden in (_ROL, *_PERMISOS, *_FUNCIONES):
        op.execute(orden)

"""The platform's tables: events, inbox, outbox, claims, idempotency keys, retries and dead letters."""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables; on PostgreSQL the inbox is partitioned by the time in its ids."""
    postgres = op.get_bind().dialect.name == "postgresql"
    _eventos(postgres)
    op.create_table(
        "entrada",
        sa.Column("id", Id, nullable=False),
        sa.Column("consumidor", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id", "consumidor"),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_table(
        "salida",
        sa.Column(
            "posicion",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            sa.Identity(),
            primary_key=True,
        ),
        sa.Column("lote", Id, nullable=False, unique=True),
        sa.Column("creado", Momento, nullable=False),
        sa.Column("cuerpo", sa.LargeBinary, nullable=False),
    )
    _claves()
    _turnos()
    if postgres:
        op.execute("CREATE TABLE entrada_otras PARTITION OF entrada DEFAULT")


def _claves() -> None:
    op.create_table(
        "unicos",
        sa.Column("ambito", sa.String(60), primary_key=True),
        sa.Column("valor", sa.String(300), primary_key=True),
        sa.Column("flujo", Id, nullable=False),
    )
    op.create_table(
        "claves_idempotencia",
        sa.Column("servicio", sa.String(60), primary_key=True),
        sa.Column("ruta", sa.String(200), primary_key=True),
        sa.Column("clave", sa.String(255), primary_key=True),
        sa.Column("huella", sa.String(64), nullable=False),
        sa.Column("estado", sa.Integer, nullable=False),
        sa.Column("cuerpo", sa.JSON, nullable=False),
        sa.Column("creado", Momento, nullable=False),
    )


def _turnos() -> None:
    _apartados("reintentos", sa.Column("proximo", Momento, nullable=False))
    op.create_index("reintentos_proximo", "reintentos", ["consumidor", "proximo"])
    _apartados("muertos", sa.Column("fecha", Momento, nullable=False))
    op.create_table(
        "intentos",
        sa.Column("consumidor", sa.String(60), primary_key=True),
        sa.Column("id", Id, primary_key=True),
        sa.Column("intentos", sa.Integer, nullable=False),
    )
    op.create_table(
        "turnos",
        sa.Column("consumidor", sa.String(60), primary_key=True),
        sa.Column("limpio", sa.Boolean, nullable=False),
    )


def _eventos(postgres: bool) -> None:
    op.create_table(
        "eventos",
        sa.Column("flujo", Id, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("tipo_flujo", sa.String(40), nullable=False),
        sa.Column("tipo", sa.String(100), nullable=False),
        sa.Column("version_evento", sa.Integer, nullable=False),
        sa.Column("datos", sa.JSON, nullable=False),
        sa.Column("saga_id", Id),
        sa.Column("correlacion_id", sa.String(100)),
        sa.Column("causa_id", Id),
        sa.Column("fecha", Momento, nullable=False),
        sa.Column("lote", Id, nullable=False),
    )
    if postgres:
        # The commit order is (tx, posicion): by posicion alone a reader would skip rows that commit late.
        op.execute("ALTER TABLE eventos ADD COLUMN posicion bigint GENERATED ALWAYS AS IDENTITY")
        op.execute("ALTER TABLE eventos ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id()")
        op.execute("CREATE INDEX eventos_orden ON eventos (tx, posicion)")


def _apartados(nombre: str, momento: "sa.Column[object]") -> None:
    op.create_table(
        nombre,
        sa.Column("consumidor", sa.String(60), primary_key=True),
        sa.Column("id", Id, primary_key=True),
        sa.Column("tema", sa.String(200), nullable=False),
        sa.Column("cuerpo", sa.LargeBinary, nullable=False),
        sa.Column("intentos", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        momento,
    )

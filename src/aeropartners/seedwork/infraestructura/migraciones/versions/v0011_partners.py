"""Partners and alliances: their read tables, and the state of each partner saga (contract 004, section 9)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento, Monto

revision = "0011"
down_revision = "0010"

_HOT = {"fillfactor": 50}
_DOCUMENTO = sa.JSON().with_variant(JSONB(), "postgresql")
VISTA = """
    CREATE VIEW saga_states AS SELECT p.saga_id, p.correlation_id, p.status, p.current_step, p.created_at,
        p.updated_at, p.completed_at, p.partner_data, p.partner_id, p.alliance_id, p.error,
        p.compensation_actions, p.steps, s.requiere_atencion
    FROM saga_partners p JOIN sagas s ON s.id = p.saga_id
"""


def upgrade() -> None:
    """Create tables, indexes and the view, which is read-only because it joins two tables."""
    _partners()
    _contratos()
    _sagas()
    op.execute(VISTA)


def _partners() -> None:
    op.create_table(
        "partners",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("nombre", sa.String(255), nullable=False),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("telefono", sa.String(50)),
        sa.Column("direccion", sa.String(500)),
        sa.Column("estado", sa.String(20), nullable=False),
        sa.Column("fecha_creacion", Momento, nullable=False),
        sa.Column("fecha_actualizacion", Momento, nullable=False),
        sa.Column("estado_kyc", sa.String(30), nullable=False),
        sa.Column("documentos_kyc", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        postgresql_with=_HOT,
    )
    op.create_index("partners_antiguos", "partners", ["fecha_creacion", "id"])
    op.create_table(
        "integraciones",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("partner_id", sa.String(36), sa.ForeignKey("partners.id"), nullable=False),
        sa.Column("tipo", sa.String(20), nullable=False),
        sa.Column("nombre", sa.String(255), nullable=False),
        sa.Column("descripcion", sa.Text),
        sa.Column("configuracion", sa.JSON, nullable=False),
        sa.Column("activa", sa.Boolean, nullable=False),
        sa.Column("fecha_creacion", Momento, nullable=False),
        sa.Column("fecha_revocacion", Momento),
    )
    op.create_index("integraciones_partner", "integraciones", ["partner_id"])


def _contratos() -> None:
    op.create_table(
        "contratos",
        sa.Column("id", Id, primary_key=True),
        sa.Column("partner_id", sa.String(100), nullable=False),
        sa.Column("saga_id", Id, unique=True),
        sa.Column("tipo", sa.String(20), nullable=False),
        sa.Column("fecha_inicio", sa.Date, nullable=False),
        sa.Column("fecha_fin", sa.Date),
        sa.Column("monto", Monto),
        sa.Column("moneda", sa.String(10), nullable=False),
        sa.Column("condiciones", sa.String(255)),
        sa.Column("estado", sa.String(20), nullable=False),
        sa.Column("created_at", Momento, nullable=False),
        sa.Column("updated_at", Momento, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        postgresql_with=_HOT,
    )
    op.create_index("contratos_partner", "contratos", ["partner_id"])
    op.create_index("contratos_antiguos", "contratos", ["created_at", "id"])


def _sagas() -> None:
    """Create a table apart from `sagas`, whose updates stay HOT: these columns change and have an index."""
    op.create_table(
        "saga_partners",
        sa.Column("saga_id", Id, primary_key=True),
        sa.Column("correlation_id", sa.String(100), nullable=False),
        sa.Column("status", sa.String(50), nullable=False),
        sa.Column("current_step", sa.String(50), nullable=False),
        sa.Column("created_at", Momento, nullable=False),
        sa.Column("updated_at", Momento, nullable=False),
        sa.Column("completed_at", Momento),
        sa.Column("partner_data", _DOCUMENTO, nullable=False),
        sa.Column("partner_id", sa.String(100)),
        sa.Column("alliance_id", sa.String(100)),
        sa.Column("error", sa.Text),
        sa.Column("compensation_actions", _DOCUMENTO, nullable=False),
        sa.Column("steps", _DOCUMENTO, nullable=False),
        postgresql_partition_by="RANGE (saga_id)",
    )
    for columna in ("status", "correlation_id", "created_at", "partner_id"):
        op.create_index(f"saga_partners_{columna}", "saga_partners", [columna])
    abierta = sa.text("completed_at IS NULL")
    op.create_index(
        "saga_partners_abiertas",
        "saga_partners",
        ["created_at", "saga_id"],
        postgresql_where=abierta,
        sqlite_where=abierta,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE saga_partners_otras PARTITION OF saga_partners DEFAULT WITH (fillfactor=50)")

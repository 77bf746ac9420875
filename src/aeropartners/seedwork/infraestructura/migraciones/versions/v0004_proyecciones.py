"""Projections and snapshots; ids of events; the time at which an inbox row was written."""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Id, Monto

revision = "0004"
down_revision = "0003"

TEMAS = {
    "CampanaCreada": "created",
    "CampanaActualizada": "updated",
    "CampanaActivada": "activated",
    "PresupuestoCampanaActualizado": "budget_updated",
    "MetricasCampanaActualizadas": "metrics_updated",
}
PUBLICOS_DE_PAGOS = "('PagoPendiente', 'PagoExitoso', 'PagoFallido', 'PagoRevertido')"


def upgrade() -> None:
    """Create the tables, add the columns to events and inbox, and make the views again."""
    postgres = op.get_bind().dialect.name == "postgresql"
    _proyecciones()
    op.create_table(
        "instantaneas",
        sa.Column("id", Id, primary_key=True),
        sa.Column("tipo_flujo", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("forma", sa.Integer, nullable=False),
        sa.Column("datos", sa.JSON, nullable=False),
    )
    op.execute(f"ALTER TABLE eventos ADD COLUMN id {'uuid' if postgres else 'varchar(36)'}")
    op.create_index("eventos_id", "eventos", ["id"])
    # Finds the few events, among millions, whose burst waits in the outbox.
    op.create_index("eventos_lote", "eventos", ["lote"])
    if postgres:
        _postgres()
    else:
        _entrada_sqlite()
    _vistas(postgres)


def _proyecciones() -> None:
    op.create_table(
        "proyecciones",
        sa.Column("nombre", sa.String(60), primary_key=True),
        sa.Column("generacion", sa.Integer, primary_key=True),
        sa.Column("activa", sa.Boolean, nullable=False),
        sa.Column("tx", sa.BigInteger, nullable=False),
        sa.Column("posicion", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "totales",
        sa.Column("proyeccion", sa.String(60), primary_key=True),
        sa.Column("generacion", sa.Integer, primary_key=True),
        sa.Column("grupo", sa.String(255), primary_key=True),
        sa.Column("clave", sa.String(100), primary_key=True),
        sa.Column("medida", sa.String(40), primary_key=True),
        sa.Column("valor", Monto, nullable=False),
        postgresql_with={"fillfactor": 50},
    )


def _postgres() -> None:
    op.execute("ALTER TABLE entrada ADD COLUMN vista timestamptz NOT NULL DEFAULT now()")
    # As in `eventos`, the commit order is (tx, posicion). An identity column would not reach partitions.
    op.execute("CREATE SEQUENCE saga_eventos_posicion CACHE 100")
    op.execute("ALTER TABLE saga_eventos ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id()")
    op.execute(
        "ALTER TABLE saga_eventos ADD COLUMN posicion bigint NOT NULL"
        " DEFAULT nextval('saga_eventos_posicion')"
    )
    op.execute("CREATE INDEX saga_eventos_orden ON saga_eventos (tx, posicion)")


def _entrada_sqlite() -> None:
    """Make the inbox again: SQLite cannot add a column whose default is not a constant."""
    op.execute("DROP VIEW event_inbox_campanas")
    op.execute("ALTER TABLE entrada RENAME TO entrada_vieja")
    op.execute(
        "CREATE TABLE entrada (id varchar(36) NOT NULL, consumidor varchar(60) NOT NULL,"
        " vista varchar(27) NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),"
        " PRIMARY KEY (id, consumidor))"
    )
    op.execute("INSERT INTO entrada (id, consumidor) SELECT id, consumidor FROM entrada_vieja")
    op.execute("DROP TABLE entrada_vieja")


def _vistas(postgres: bool) -> None:
    """Make the views again: outbox ids are the public `event_id`; the inbox shows messages and times."""
    if postgres:
        op.execute("DROP VIEW event_inbox_campanas")
    op.execute("DROP VIEW outbox")
    op.execute("DROP VIEW outbox_campanas")
    texto = "text" if postgres else "varchar(36)"
    id_evento = (
        f"COALESCE(CAST(e.id AS {texto}),"
        " CAST(e.flujo AS varchar(36)) || ':' || CAST(e.version AS varchar(10))) AS id, e.version AS orden"
    )
    procesado = "NOT EXISTS (SELECT 1 FROM salida o WHERE o.lote = e.lote)"
    fecha = f"CASE WHEN {procesado} THEN e.fecha END"
    op.execute(
        f"CREATE VIEW outbox AS SELECT {id_evento}, e.tipo AS tipo_evento, e.datos AS datos_evento,"
        f" {procesado} AS procesado, e.fecha AS fecha_creacion, {fecha} AS fecha_procesamiento"
        f" FROM eventos e WHERE e.tipo_flujo = 'pago' AND e.tipo IN {PUBLICOS_DE_PAGOS}"
    )
    casos = " ".join(f"WHEN '{tipo}' THEN 'campaigns.evt.{tema}'" for tipo, tema in TEMAS.items())
    op.execute(
        f"CREATE VIEW outbox_campanas AS SELECT {id_evento}, e.tipo AS event_type, e.datos AS event_data,"
        f" {procesado} AS processed, e.fecha AS created_at, {fecha} AS processed_at,"
        f" CASE e.tipo {casos} ELSE 'campaigns.evt.generic' END AS topic FROM eventos e"
        " WHERE e.tipo_flujo = 'campana' AND e.tipo <> 'CampanaAnulada'"
    )
    op.execute(
        "CREATE VIEW event_inbox_campanas AS SELECT n.id AS event_id, e.tipo AS event_type,"
        " n.vista AS processed_at, e.datos AS payload"
        " FROM entrada n JOIN eventos e ON e.id = n.id WHERE n.consumidor = 'campaigns-failover'"
    )

"""Read tables of campaigns, payments and reports, the gateway's ledger, and the contract's views."""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento, Monto

revision = "0003"
down_revision = "0002"

_HOT = {"fillfactor": 50}
_TEMAS = {
    "CampanaCreada": "created",
    "CampanaActualizada": "updated",
    "CampanaActivada": "activated",
    "PresupuestoCampanaActualizado": "budget_updated",
    "MetricasCampanaActualizadas": "metrics_updated",
}


def upgrade() -> None:
    """Create these tables and views."""
    _campanas()
    _pagos()
    _reportes()
    _vistas()


def _campanas() -> None:
    op.create_table(
        "campanas",
        sa.Column("id", Id, primary_key=True),
        sa.Column("nombre", sa.String(255), nullable=False),
        sa.Column("tipo", sa.String(20), nullable=False),
        sa.Column("descripcion", sa.Text),
        sa.Column("estado", sa.String(20), nullable=False),
        sa.Column("presupuesto_monto", Monto, nullable=False),
        sa.Column("presupuesto_moneda", sa.String(3), nullable=False),
        sa.Column("fecha_inicio", Momento, nullable=False),
        sa.Column("fecha_fin", Momento, nullable=False),
        sa.Column("fecha_creacion", Momento, nullable=False),
        sa.Column("fecha_actualizacion", Momento, nullable=False),
        sa.Column("impresiones", sa.BigInteger, nullable=False),
        sa.Column("clicks", sa.BigInteger, nullable=False),
        sa.Column("conversiones", sa.BigInteger, nullable=False),
        sa.Column("gasto_actual", Monto, nullable=False),
        sa.Column("id_afiliado", sa.String(255), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        postgresql_with=_HOT,
    )
    op.create_index("campanas_recientes", "campanas", ["fecha_creacion"])
    activa = sa.text("estado = 'ACTIVA'")
    op.create_index(
        "campanas_activas", "campanas", ["id_afiliado"], postgresql_where=activa, sqlite_where=activa
    )


def _pagos() -> None:
    op.create_table(
        "pagos",
        sa.Column("id", Id, primary_key=True),
        sa.Column("id_afiliado", sa.String(200), nullable=False),
        sa.Column("monto", Monto, nullable=False),
        sa.Column("moneda", sa.String(3), nullable=False),
        sa.Column("estado", sa.String(20), nullable=False),
        sa.Column("referencia_pago", sa.String(200), nullable=False, unique=True),
        sa.Column("fecha_creacion", Momento, nullable=False),
        sa.Column("fecha_actualizacion", Momento, nullable=False),
        sa.Column("fecha_procesamiento", Momento),
        sa.Column("mensaje_error", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        postgresql_with=_HOT,
    )
    op.create_index("pagos_recientes", "pagos", ["fecha_creacion"])
    op.create_table(
        "pasarela_cargos",
        sa.Column("clave", sa.String(100), primary_key=True),
        sa.Column("operacion", sa.String(10), nullable=False),
        sa.Column("importe", Monto, nullable=False),
        sa.Column("moneda", sa.String(3), nullable=False),
        sa.Column("exito", sa.Boolean, nullable=False),
        sa.Column("mensaje", sa.String(200)),
        sa.Column("lista_en", Momento, nullable=False),
        sa.Column("veces", sa.Integer, nullable=False),
        postgresql_with=_HOT,
    )


def _reportes() -> None:
    op.create_table(
        "reportes_filas",
        sa.Column("id", Id, primary_key=True),
        sa.Column("id_publico", sa.String(100), nullable=False, unique=True),
        sa.Column("tipo", sa.String(50), nullable=False),
        sa.Column("estado", sa.String(20), nullable=False),
        sa.Column("fecha_generacion", Momento, nullable=False),
        sa.Column("datos", sa.JSON, nullable=False),
        sa.Column("metadatos", sa.JSON, nullable=False),
        sa.Column("version_servicio_datos", sa.String(50), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        postgresql_with=_HOT,
    )
    op.create_index("reportes_recientes", "reportes_filas", ["fecha_generacion"])
    op.create_table(
        "servicio_datos_filas",
        sa.Column("id", Id, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("version_servicio", sa.String(50), nullable=False),
        sa.Column("activo", sa.Boolean, nullable=False),
        sa.Column("fecha_actualizacion", Momento, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )


def _vistas() -> None:
    id_evento = "CAST(e.flujo AS varchar(36)) || ':' || CAST(e.version AS varchar(10))"
    casos = " ".join(f"WHEN '{tipo}' THEN 'campaigns.evt.{tema}'" for tipo, tema in _TEMAS.items())
    tema = f"CASE e.tipo {casos} ELSE 'campaigns.evt.generic' END"
    procesado = "NOT EXISTS (SELECT 1 FROM salida o WHERE o.lote = e.lote)"
    op.execute(
        "CREATE VIEW reportes AS SELECT id_publico AS id, tipo, estado, fecha_generacion, datos,"
        " metadatos, version_servicio_datos FROM reportes_filas"
    )
    op.execute(
        "CREATE VIEW configuracion_servicio_datos AS SELECT id, url, version_servicio AS version, activo,"
        " fecha_actualizacion FROM servicio_datos_filas"
    )
    op.execute(
        f"CREATE VIEW outbox AS SELECT {id_evento} AS id, e.version AS orden, e.tipo AS tipo_evento,"
        f" e.datos AS datos_evento, {procesado} AS procesado, e.fecha AS fecha_creacion,"
        f" CASE WHEN {procesado} THEN e.fecha END AS fecha_procesamiento FROM eventos e"
        " WHERE e.tipo_flujo = 'pago' AND e.tipo IN"
        " ('PagoPendiente', 'PagoExitoso', 'PagoFallido', 'PagoRevertido')"
    )
    op.execute(
        f"CREATE VIEW outbox_campanas AS SELECT {id_evento} AS id, e.version AS orden, e.tipo AS event_type,"
        f" e.datos AS event_data, {procesado} AS processed, e.fecha AS created_at,"
        f" CASE WHEN {procesado} THEN e.fecha END AS processed_at, {tema} AS topic"
        " FROM eventos e WHERE e.tipo_flujo = 'campana'"
    )
    op.execute(
        "CREATE VIEW event_inbox_campanas AS SELECT id AS event_id, CAST('PagoExitoso' AS varchar(100))"
        " AS event_type, CAST(NULL AS varchar(40)) AS processed_at, CAST(NULL AS text) AS payload"
        " FROM entrada WHERE consumidor = 'campaigns-failover'"
    )

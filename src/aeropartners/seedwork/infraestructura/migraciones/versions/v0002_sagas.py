"""The four tables of the sagas, partitioned by the time in their ids, and the views of the contract."""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Id, Momento

revision = "0002"
down_revision = "0001"

_HOT = {"fillfactor": 50}
_PARTICIONADAS = ("sagas", "saga_pasos", "saga_compensaciones", "saga_eventos")


def upgrade() -> None:
    """Create the tables, partitions for foreign ids, the index of wake-ups, and the views."""
    _sagas()
    _avances(
        "saga_pasos",
        sa.Column("tipo_paso", sa.String(100), nullable=False),
        sa.Column("compensacion", sa.JSON),
    )
    _avances(
        "saga_compensaciones",
        sa.Column("tipo_compensacion", sa.String(100), nullable=False),
        sa.Column("paso_id", Id, nullable=False),
    )
    _eventos()
    condicion = sa.text("revisar_en IS NOT NULL")
    op.create_index(
        "sagas_revisar_en", "sagas", ["revisar_en"], postgresql_where=condicion, sqlite_where=condicion
    )
    op.create_index("sagas_fecha_inicio", "sagas", ["fecha_inicio"])
    postgres = op.get_bind().dialect.name == "postgresql"
    if postgres:
        for tabla in _PARTICIONADAS:
            op.execute(f"CREATE TABLE {tabla}_otras PARTITION OF {tabla} DEFAULT WITH (fillfactor=50)")
    _vistas(postgres)


def _sagas() -> None:
    op.create_table(
        "sagas",
        sa.Column("id", Id, primary_key=True),
        sa.Column("tipo", sa.String(100), nullable=False),
        sa.Column("definicion", sa.Integer, nullable=False),
        sa.Column("estado", sa.String(50), nullable=False),
        sa.Column("datos_iniciales", sa.JSON, nullable=False),
        sa.Column("memoria", sa.JSON, nullable=False),
        sa.Column("fecha_inicio", Momento, nullable=False),
        sa.Column("fecha_fin", Momento),
        sa.Column("error_message", sa.Text),
        sa.Column("timeout_minutos", sa.Integer, nullable=False),
        sa.Column("correlation_id", sa.String(100), nullable=False),
        sa.Column("requiere_atencion", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("plazo", Momento),
        sa.Column("revisar_en", Momento),
        sa.Column("created_at", Momento, nullable=False),
        sa.Column("updated_at", Momento, nullable=False),
        postgresql_partition_by="RANGE (id)",
    )


def _avances(nombre: str, *propias: "sa.Column[object]") -> None:
    op.create_table(
        nombre,
        sa.Column("saga_id", Id, primary_key=True),
        sa.Column("orden", sa.Integer, primary_key=True),
        sa.Column("id", Id, nullable=False),
        *propias,
        sa.Column("datos", sa.JSON),
        sa.Column("resultado", sa.JSON),
        sa.Column("exitoso", sa.Boolean),
        sa.Column("error", sa.Text),
        sa.Column("intentos", sa.Integer, nullable=False),
        sa.Column("fecha_ejecucion", Momento),
        sa.Column("fecha_fin", Momento),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("created_at", Momento, nullable=False),
        sa.Column("updated_at", Momento, nullable=False),
        postgresql_partition_by="RANGE (saga_id)",
    )


def _eventos() -> None:
    op.create_table(
        "saga_eventos",
        sa.Column("saga_id", Id, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True),
        sa.Column("id", Id, nullable=False),
        sa.Column("orden", sa.Integer, nullable=False),
        sa.Column("clase", sa.String(30), nullable=False),
        sa.Column("indice", sa.Integer, nullable=False),
        sa.Column("estado", sa.String(50), nullable=False),
        sa.Column("evento_tipo", sa.String(100), nullable=False),
        sa.Column("evento_datos", sa.JSON, nullable=False),
        sa.Column("fecha_creacion", Momento, nullable=False),
        sa.Column("lote", Id, nullable=False),
        postgresql_partition_by="RANGE (saga_id)",
    )


def _vistas(postgres: bool) -> None:
    verdadero = "CAST(1 AS boolean)" if postgres else "1"
    objeto, arreglo = ("json_build_object", "json_agg") if postgres else ("json_object", "json_group_array")
    vacio = "CAST('[]' AS json)" if postgres else "json('[]')"
    entero = "CAST(0 AS integer)"

    def lista(tabla: str, tipo: str) -> str:
        valor = "p.resultado" if postgres else "json(p.resultado)"
        fila = (
            f"{objeto}('id', p.id, 'tipo', p.{tipo}, 'exitoso', p.exitoso, 'error', p.error,"
            f" 'fecha_ejecucion', p.fecha_ejecucion, 'resultado', {valor})"
        )
        de_la_saga = f"FROM {tabla} p WHERE p.saga_id = s.id"
        if postgres:
            return f"COALESCE((SELECT {arreglo}({fila} ORDER BY p.orden) {de_la_saga}), {vacio})"
        ordenadas = f"SELECT * {de_la_saga} ORDER BY p.orden"
        return f"(SELECT {arreglo}({fila}) FROM ({ordenadas}) p)"

    op.execute(
        "CREATE VIEW saga_log AS SELECT s.id, s.tipo, s.estado,"
        f" {lista('saga_pasos', 'tipo_paso')} AS pasos,"
        f" {lista('saga_compensaciones', 'tipo_compensacion')} AS compensaciones,"
        " s.datos_iniciales, s.fecha_inicio, s.fecha_fin, s.error_message, s.timeout_minutos,"
        " s.correlation_id, s.requiere_atencion, s.version, s.definicion, s.plazo, s.created_at,"
        " s.updated_at FROM sagas s"
    )
    op.execute(
        "CREATE VIEW saga_events AS SELECT e.id, e.saga_id, e.orden, e.evento_tipo, e.evento_datos,"
        " CAST('saga-events' AS varchar(200)) AS topic,"
        " NOT EXISTS (SELECT 1 FROM salida o WHERE o.lote = e.lote) AS procesado,"
        " e.fecha_creacion, CASE WHEN NOT EXISTS (SELECT 1 FROM salida o WHERE o.lote = e.lote)"
        " THEN e.fecha_creacion END AS fecha_procesamiento, CAST(NULL AS text) AS error,"
        f" {entero} AS reintentos, e.version, e.estado, e.fecha_creacion AS created_at,"
        f" e.fecha_creacion AS updated_at, e.orden > 0 AND {verdadero} AS publico"
        " FROM saga_eventos e"
    )

"""The final state of a saga with an index, the start of its deadline, and corrected views.

`estado_final` is null until the saga ends: an index on a column that changes during a saga would make every
update non-HOT, while the last one is not HOT anyway. `saga_log` finds both kinds by it: running sagas by
null, ended ones by their word. Sagas that ended before this migration keep null: the view shows them
correctly, but more slowly.
"""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import Momento

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the columns and the index, and make the views again; their columns and types stay."""
    postgres = op.get_bind().dialect.name == "postgresql"
    op.add_column("sagas", sa.Column("estado_final", sa.String(50)))
    op.add_column("sagas", sa.Column("plazo_desde", Momento))
    op.create_index("sagas_final", "sagas", ["tipo", "estado_final", "fecha_inicio"])
    _vista("saga_log", f"{_log('s.estado', 'IS NULL', postgres)} UNION ALL"
           f" {_log('s.estado_final', 'IS NOT NULL', postgres)}", postgres)  # fmt: skip
    _vista("saga_events", _eventos(postgres), postgres)


def _vista(nombre: str, consulta: str, postgres: bool) -> None:
    """Replace a view; on PostgreSQL without dropping it, so that its grants stay."""
    if not postgres:
        op.execute(f"DROP VIEW {nombre}")
    op.execute(f"CREATE {'OR REPLACE ' if postgres else ''}VIEW {nombre} AS {consulta}")


def _log(estado: str, final: str, postgres: bool) -> str:
    pasos = _lista("saga_pasos", "tipo_paso", postgres)
    compensaciones = _lista("saga_compensaciones", "tipo_compensacion", postgres)
    return (
        f"SELECT s.id, s.tipo, {estado} AS estado, {pasos} AS pasos, {compensaciones} AS compensaciones,"
        " s.datos_iniciales, s.fecha_inicio, s.fecha_fin, s.error_message, s.timeout_minutos,"
        " s.correlation_id, s.requiere_atencion, s.version, s.definicion, s.plazo, s.created_at,"
        f" s.updated_at FROM sagas s WHERE s.estado_final {final}"
    )


def _lista(tabla: str, tipo: str, postgres: bool) -> str:
    """Return the steps or undos of a saga as one JSON list, as migration 0002 has it."""
    objeto = "json_build_object" if postgres else "json_object"
    resultado = "p.resultado" if postgres else "json(p.resultado)"
    fila = (
        f"{objeto}('id', p.id, 'tipo', p.{tipo}, 'exitoso', p.exitoso, 'error', p.error,"
        f" 'fecha_ejecucion', p.fecha_ejecucion, 'resultado', {resultado})"
    )
    suyos = f"FROM {tabla} p WHERE p.saga_id = s.id"
    if postgres:
        return f"COALESCE((SELECT json_agg({fila} ORDER BY p.orden) {suyos}), CAST('[]' AS json))"
    return f"(SELECT json_group_array({fila}) FROM (SELECT * {suyos} ORDER BY p.orden) p)"


def _eventos(postgres: bool) -> str:
    """Return the view of published events and those about to be; `saga_eventos` has all events.

    When the broker stored an event, or failed to, is not recorded: these columns are constants.
    """
    momento = "timestamptz" if postgres else "varchar(27)"
    return (
        "SELECT e.id, e.saga_id, e.orden, e.evento_tipo, e.evento_datos,"
        " CAST('saga-events' AS varchar(200)) AS topic,"
        " NOT EXISTS (SELECT 1 FROM salida o WHERE o.lote = e.lote) AS procesado,"
        f" e.fecha_creacion, CAST(NULL AS {momento}) AS fecha_procesamiento, CAST(NULL AS text) AS error,"
        " CAST(0 AS integer) AS reintentos, e.version, e.estado, e.fecha_creacion AS created_at,"
        " e.fecha_creacion AS updated_at, e.orden > 0 AS publico"
        " FROM saga_eventos e WHERE e.orden > 0"
    )

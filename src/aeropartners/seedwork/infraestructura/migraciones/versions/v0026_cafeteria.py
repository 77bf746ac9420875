"""The coffee shop: tables of menu, orders and stock, and the relations of contract 000, section 5.

The relations are views in a schema of its own, `cafeteria`; in SQLite their names begin with `cafeteria_`.
"""

import sqlalchemy as sa
from alembic import op

from aeropartners.seedwork.infraestructura.base.tipos import ESCALA, Id, Momento, Monto

revision = "0026"
down_revision = "0025"

ROL = "aeropartners_app"
_HOT = {"fillfactor": 50}
_PERMISOS = (
    # As `public` has it: who may read a view needs no more than that.
    "GRANT USAGE ON SCHEMA cafeteria TO PUBLIC",
    f"GRANT SELECT ON ALL TABLES IN SCHEMA cafeteria TO {ROL}",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA cafeteria GRANT SELECT ON TABLES TO {ROL}",
)


def upgrade() -> None:
    """Create tables, indexes and views."""
    _menu()
    _pedidos()
    _inventario()
    postgres = op.get_bind().dialect.name == "postgresql"
    if postgres:
        op.execute("CREATE SCHEMA cafeteria")
    for nombre, consulta in _vistas(postgres).items():
        op.execute(f"CREATE VIEW cafeteria{'.' if postgres else '_'}{nombre} AS {consulta}")
    for orden in _PERMISOS if postgres else ():
        op.execute(orden)


def _menu() -> None:
    op.create_table(
        "menu_productos",
        sa.Column("id", Id, primary_key=True),
        sa.Column("numero", sa.BigInteger, nullable=False),
        sa.Column("nombre", sa.String(255), nullable=False),
        sa.Column("descripcion", sa.Text, nullable=False),
        sa.Column("precio", Monto, nullable=False),
        sa.Column("categoria_id", sa.BigInteger, nullable=False),
        sa.Column("disponible", sa.Boolean, nullable=False),
        sa.Column("tamano", sa.String(20)),
        sa.Column("ingredientes", sa.JSON),
        sa.Column("calorias", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
        postgresql_with=_HOT,
    )
    op.create_table(
        "menu_categorias",
        sa.Column("id", Id, primary_key=True),
        sa.Column("numero", sa.BigInteger, nullable=False),
        sa.Column("nombre", sa.String(255), nullable=False),
        sa.Column("descripcion", sa.Text, nullable=False),
        sa.Column("tipo", sa.String(20), nullable=False),
        sa.Column("activa", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        postgresql_with=_HOT,
    )
    for tabla in ("menu_productos", "menu_categorias"):
        op.create_index(f"{tabla}_numero", tabla, ["numero"], unique=True)


def _pedidos() -> None:
    op.create_table(
        "pedidos_cafeteria",
        sa.Column("id", Id, primary_key=True),
        sa.Column("numero", sa.BigInteger, nullable=False),
        sa.Column("cliente", sa.Text, nullable=False),
        sa.Column("items", sa.JSON, nullable=False),
        sa.Column("total", Monto, nullable=False),
        sa.Column("estado", sa.String(20), nullable=False),
        sa.Column("saga_id", Id, nullable=False),
        sa.Column("created_at", Momento, nullable=False),
        sa.Column("updated_at", Momento, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        postgresql_with=_HOT,
    )
    op.create_index("pedidos_cafeteria_numero", "pedidos_cafeteria", ["numero"], unique=True)


def _inventario() -> None:
    op.create_table(
        "inventario_cafeteria_existencias",
        sa.Column("id", Id, primary_key=True),
        sa.Column("producto", sa.String(100), nullable=False),
        sa.Column("stock", sa.BigInteger, nullable=False),
        sa.Column("reservado", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        postgresql_with=_HOT,
    )
    tabla = "inventario_cafeteria_reservas"
    op.create_table(
        tabla,
        sa.Column("id", Id, primary_key=True),
        sa.Column("referencia", sa.String(100), nullable=False),
        sa.Column("estado", sa.String(20), nullable=False),
        sa.Column("partidas", sa.JSON, nullable=False),
        sa.Column("expira_en", Momento, nullable=False),
        sa.Column("revisar_en", Momento),
        sa.Column("version", sa.BigInteger, nullable=False),
        postgresql_with=_HOT,
    )
    vivas = sa.text("revisar_en IS NOT NULL")
    op.create_index(f"{tabla}_revisar_en", tabla, ["revisar_en"], postgresql_where=vivas, sqlite_where=vivas)


def _vistas(postgres: bool) -> dict[str, str]:
    """Return the query of each view; money is a number in both databases."""

    def dinero(columna: str) -> str:
        return columna if postgres else f"{columna} / {ESCALA}.0 AS {columna}"

    return {
        "productos": f"SELECT numero AS id, nombre, descripcion, {dinero('precio')}, categoria_id,"
        " disponible, tamano, ingredientes, calorias FROM menu_productos",
        "categorias": "SELECT numero AS id, nombre, descripcion, tipo, activa FROM menu_categorias",
        "pedidos": f"SELECT numero AS id, cliente, items, {dinero('total')}, estado, saga_id, created_at,"
        " updated_at FROM pedidos_cafeteria WHERE estado <> 'eliminado'",
        "existencias": "SELECT CAST(producto AS bigint) AS producto_id, stock, reservado"
        " FROM inventario_cafeteria_existencias",
        "reservas": _reservas(postgres),
    }


def _reservas(postgres: bool) -> str:
    """Return one row for each product of a reservation, which is identified by both."""
    partidas = "json_array_elements(r.partidas) AS p(value)" if postgres else "json_each(r.partidas) AS p"
    saga_id = "CAST(NULLIF(r.referencia, '') AS uuid)" if postgres else "NULLIF(r.referencia, '')"
    producto, cantidad = (
        f"p.value ->> '{campo}'" if postgres else f"json_extract(p.value, '$.{campo}')"
        for campo in ("producto", "cantidad")
    )
    return (
        f"SELECT CAST(r.id AS varchar(36)) || ':' || ({producto}) AS id, {saga_id} AS saga_id,"
        f" CAST({producto} AS bigint) AS producto_id, CAST({cantidad} AS bigint) AS cantidad,"
        " CASE r.estado WHEN 'DEVUELTA' THEN 'liberada' ELSE lower(r.estado) END AS estado, r.expira_en"
        f" FROM inventario_cafeteria_reservas r CROSS JOIN {partidas}"
    )

"""Runs the migrations on the connection that `aplicar` opened."""

from alembic import context

context.configure(
    connection=context.config.attributes["conexion"], transaction_per_migration=False, transactional_ddl=False
)
context.run_migrations()

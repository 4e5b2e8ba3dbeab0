"""Runs the migrations on the connection that the caller put into the configuration."""

from alembic import context

from models.tables import Base


def migrate() -> None:
    """Bring the schema up inside the caller's connection; each migration is one transaction."""
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


migrate()

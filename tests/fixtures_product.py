"""What the tests need of the product itself."""

from models import schema
from runtime import settings
from runtime.stores import open_engine


def migrate(database_url: str) -> None:
    """Bring a database to the product's schema."""
    engine = open_engine(settings.driver(database_url))
    try:
        schema.upgrade(engine)
    finally:
        engine.dispose()

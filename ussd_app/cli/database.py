"""`flask --app wsgi db …`: the schema."""

import click
from flask.cli import with_appcontext

from models import schema
from ussd_app.cli.desk import open_desk


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
@with_appcontext
def upgrade() -> None:
    """Bring the schema up to date; two at once take turns."""
    schema.upgrade(open_desk().stores.engine)
    click.echo("The schema is up to date.")

"""`flask --app wsgi setup`: everything a first start needs, in one process."""

import click
from flask.cli import with_appcontext

from models import schema
from operations import demonstration
from operations.office import now
from ussd_app.cli import menus
from ussd_app.cli.desk import open_desk, operator


@click.command()
@with_appcontext
def setup() -> None:
    """Bring the schema up to date, publish the menu tree, load the demonstration season if it is wanted."""
    service = open_desk()
    schema.upgrade(service.stores.engine)
    service.library.publish(menus.sound_tree(), by=operator("setup"))
    if service.settings.demo:
        with service.stores.transaction() as db:
            demonstration.load(db, service.office, now=now(db))
    click.echo("Ready.")

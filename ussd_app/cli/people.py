"""`flask --app wsgi people …`: what an officer does for one person."""

import click
from flask.cli import with_appcontext

from operations import numbers
from operations.office import now
from ussd_app.cli.desk import account_of, changing, operator


@click.group("people")
def people() -> None:
    """Professionals and their accounts."""


@people.command("move")
@click.argument("old")
@click.argument("new")
@click.option("--id", "national_id", required=True, help="The national ID that you were shown.")
@click.option("--by", required=True, help="Whose act this is.")
@with_appcontext
def move(old: str, new: str, national_id: str, by: str) -> None:
    """Move the account of the number OLD to the number NEW, after checking the person's ID."""
    with changing() as db:
        account = account_of(db, old)
        moved = numbers.move(db, account.id, new, national_id=national_id, by=operator(by), now=now(db))
    click.echo(f"Moved: the account is {moved.username} now, and a one-time password is on its way there.")
    for code in moved.centres:
        click.echo(f"The old phone acted for centre {code} too: issue its credentials to the new phone.")
    if moved.directed:
        click.echo("The old phone was a Sub-County Director's: add the new one (staff add director).")

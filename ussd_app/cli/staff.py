"""`flask --app wsgi staff …`: the people above the centres, and a centre's credentials."""

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from models.centres import Director
from models.places import County, SubCounty
from operations import centre_accounts
from operations.office import now
from telephony import phones
from ussd_app.cli.desk import by_option, changing, number, open_desk, operator


@click.group("staff")
def staff() -> None:
    """Sub-County Directors, and the credentials of centres."""


@staff.group("add")
def add() -> None:
    """Add somebody."""


@add.command("director")
@click.argument("sub_county")
@click.argument("phone")
@click.option("--name", default="Sub-County Director", help="The director's name.")
@by_option
@with_appcontext
def add_director(sub_county: str, phone: str, name: str, by: str) -> None:
    """Let PHONE be the director of SUB_COUNTY; it replaces what that phone directed before."""
    with changing() as db:
        director = centre_accounts.add_director(
            db, sub_county, number(phone), name, by=operator(by), now=now(db)
        )
        click.echo(f"{phones.local(director.phone)} is a director of {sub_county} now.")


@staff.command("list")
@with_appcontext
def list_directors() -> None:
    """Every director, by county and sub-county."""
    listed = (
        select(County.name, SubCounty.name, Director.name, Director.phone)
        .join(SubCounty, SubCounty.id == Director.sub_county_id)
        .join(County, County.code == SubCounty.county_code)
        .where(Director.removed_at.is_(None))
        .order_by(County.name, SubCounty.name)
    )
    with open_desk().stores.transaction() as db:
        for county, sub_county, name, phone in db.execute(listed):
            click.echo(f"{county}\t{sub_county}\t{name}\t{phones.mask(phone)}")


@staff.command("issue")
@click.argument("centre")
@click.argument("phone")
@by_option
@with_appcontext
def issue(centre: str, phone: str, by: str) -> None:
    """Send CENTRE's one-time password to PHONE, its manager's."""
    with changing() as db:
        centre_accounts.issue(db, centre, number(phone), by=operator(by), now=now(db))
    click.echo(f"A one-time password for centre {centre} is on its way.")

"""`flask --app wsgi staff …`: the people above the centres, and a centre's credentials."""

from datetime import datetime

import click
from flask.cli import with_appcontext

from operations import attendance_codes, audits, centre_accounts, centres, directors, returns, rosters
from operations.office import now
from operations.refusals import Refusal
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


@staff.group("remove")
def remove() -> None:
    """Take somebody out of office."""


@remove.command("director")
@click.argument("phone")
@by_option
@with_appcontext
def remove_director(phone: str, by: str) -> None:
    """PHONE is no director's any more."""
    with changing() as db:
        centre_accounts.remove_director(db, number(phone), by=operator(by), now=now(db))
        click.echo(f"{phones.local(number(phone))} is no director's phone any more.")


@staff.command("list")
@with_appcontext
def list_directors() -> None:
    """Every director, by county and sub-county."""
    with open_desk().stores.transaction() as db:
        for county, sub_county, name, phone in centre_accounts.listed(db):
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


@staff.command("today")
@click.argument("sub_county")
@with_appcontext
def today(sub_county: str) -> None:
    """How today's registers of SUB_COUNTY stand, and which centres are wanting."""
    with changing() as db:
        place = centre_accounts.find_sub_county(db, sub_county)
        told = directors.today_of(db, place.id, now=now(db))
        click.echo(
            f"{told.sub_county}, {told.day}: centres {told.centres}, marked {len(told.marked)},"
            f" in part {len(told.partly)}, not {len(told.unmarked)}"
        )
        for state in told.wanting:
            click.echo(f"{state.centre_code}\t{state.counts}\t{state.name}")


@staff.command("codes")
@click.argument("centre")
@by_option
@with_appcontext
def codes(centre: str, by: str) -> None:
    """The attendance codes of CENTRE for every day of its exams, to print and hand over."""
    with changing() as db:
        known = rosters.seasons(db, centres.by_code(db, centre).code, now=now(db))
        if not known:
            raise Refusal("register.no_series")
        for series in known:
            for day, code in attendance_codes.season(db, open_desk().office, centre, series):
                click.echo(f"{series.exam} {series.year}  {day:%a %d %b %Y}  {code[:3]} {code[3:]}")
        audits.record(db, "register.print_codes", f"centre:{centre}", by=operator(by))


@staff.command("reopen")
@click.argument("centre")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--reason", required=True, help="Why the day is opened again.")
@by_option
@with_appcontext
def reopen(centre: str, day: datetime, reason: str, by: str) -> None:
    """Open DAY (2026-10-16) of CENTRE again for 24 hours, in every exam whose register is closed."""
    with changing() as db:
        code = centres.read_code(centre)
        exams = directors.open_again(db, code, day.date(), reason, by=operator(by), now=now(db))
        click.echo(f"{day.date()} of centre {code} ({', '.join(exams)}) is open again for 24 hours.")


@staff.command("receive")
@click.argument("centre")
@click.option("--exam", default="", help="Which one, where registers of two exams are awaited: KJSEA.")
@by_option
@with_appcontext
def receive(centre: str, exam: str, by: str) -> None:
    """Record that the countersigned register of CENTRE came in."""
    with changing() as db:
        code = centres.read_code(centre)
        found = directors.waiting(db, code, exam, now=now(db))
        if len(found) > 1:
            named = ", ".join(f"{series.exam} {series.year}" for _, series in found)
            raise click.ClickException(f"Which register? Name it with --exam: {named}.")
        kept, series = found[0]
        returns.receive(db, code, series.id, by=operator(by), now=now(db))
        click.echo(f"Received: register {kept.reference} of centre {code}, {series.exam} {series.year}.")

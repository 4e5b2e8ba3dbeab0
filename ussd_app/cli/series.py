"""`flask --app wsgi series …`: the series, when one may apply in them, their rules and rates."""

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path

import click
import msgspec
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from models.series import POSITIONS, Series
from operations import calendars, holidays, rates, rule_book
from operations import series as verbs
from operations.office import NAIROBI, now
from ussd_app.cli.desk import by_option, changing, operator

DAY = click.DateTime(["%Y-%m-%d"])


@click.group("series")
def series() -> None:
    """Exams by year: days, public holidays, applications, rules, rates."""


@series.command("list")
@with_appcontext
def listed() -> None:
    """Every series, and whether one may apply in it."""
    with changing() as db:
        for one in verbs.listed(db):
            days = f"{one.starts} to {one.ends}"
            click.echo(f"{one.exam} {one.year}  {days}  {state(one, now(db))}")


@series.command("add")
@click.argument("exam")
@click.argument("year", type=int)
@click.option("--starts", type=DAY, required=True)
@click.option("--ends", type=DAY, required=True)
@click.option("--rehearsal", type=DAY, help="Where none is given: the Friday before, or before a holiday.")
@by_option
@with_appcontext
def add(exam: str, year: int, starts: datetime, ends: datetime, rehearsal: datetime | None, by: str) -> None:
    """Add the series of EXAM in YEAR; days are written 2027-10-18."""
    with changing() as db:
        before = rehearsal.date() if rehearsal else rehearsal_before(db, starts.date())
        made = verbs.create(db, exam, year, starts.date(), ends.date(), before, by=operator(by), now=now(db))
        click.echo(f"{made.exam} {made.year} is there; nobody may apply before it is opened.")
        click.echo(f"Rehearsal {before}. {free_days(made)}")


@series.command("dates")
@click.argument("exam")
@click.argument("year", type=int)
@click.option("--starts", type=DAY)
@click.option("--ends", type=DAY)
@click.option("--rehearsal", type=DAY)
@click.option("--dry-run", is_flag=True, help="Say how many posts would move, change nothing.")
@by_option
@with_appcontext
def dates(
    exam: str,
    year: int,
    starts: datetime | None,
    ends: datetime | None,
    rehearsal: datetime | None,
    dry_run: bool,
    by: str,
) -> None:
    """Correct the days of a series; what is not given stays.

    Its posts move with it: whoever has a new reporting day is told by SMS. Marks stay as they are.
    """
    with changing() as db:
        one = verbs.named(db, exam, year)
        first = starts.date() if starts else one.starts
        last = ends.date() if ends else one.ends
        before = rehearsal.date() if rehearsal else one.rehearsal
        moved = verbs.set_days(db, one, first, last, before, by=operator(by), now=now(db))
        click.echo(f"{one.exam} {one.year}: rehearsal {before or '-'}, {first} to {last}. {free_days(one)}")
        would, told = ("would ", "would be told") if dry_run else ("", "are told")
        click.echo(f"{moved.posts} posts {would}move with it, {moved.told} people {told} of a new day.")
        if dry_run:
            db.rollback()
            db.info.clear()
            click.echo("Nothing was changed.")


@series.command("holidays")
@click.argument("year", type=click.IntRange(2000, 2200))
@with_appcontext
def list_holidays(year: int) -> None:
    """The public holidays of YEAR; those without a fixed day (Idd-ul-Fitr) are there once you add them."""
    with changing() as db:
        for each in holidays.listed(db, date(year, 1, 1), date(year, 12, 31)):
            click.echo(f"{each.day:%a %Y-%m-%d}  {each.name}  ({each.source.removeprefix('staff:')})")


@series.command("holiday")
@click.argument("day", type=DAY)
@click.argument("name", required=False)
@click.option("--remove", is_flag=True, help="It is not kept that year.")
@by_option
@with_appcontext
def holiday(day: datetime, name: str | None, remove: bool, by: str) -> None:
    """Add DAY (2027-03-10) as a public holiday with this NAME, or take it off the list.

    Series that are not over follow at once; their own rules go before the list.
    """
    with changing() as db:
        if remove:
            changed = holidays.remove(db, day.date(), by=operator(by), now=now(db))
        else:
            changed = holidays.add(db, day.date(), name or "", by=operator(by), now=now(db))
        click.echo(f"{day.date()} is {'no' if remove else 'a'} public holiday.")
        for one in changed:
            click.echo(f"{one.exam} {one.year}: {free_days(one)}")


@series.command("open")
@click.argument("exam")
@click.argument("year", type=int)
@click.option("--until", type=DAY, required=True, help="The last day of applications.")
@click.option("--from", "since", type=DAY, help="The first day, today where none is given.")
@by_option
@with_appcontext
def open_it(exam: str, year: int, until: datetime, since: datetime | None, by: str) -> None:
    """Let people apply in a series."""
    with changing() as db:
        one = verbs.named(db, exam, year)
        last = midnight(until.date() + timedelta(days=1))
        first = midnight(since.date()) if since else None
        verbs.open_for(db, one, last, first, by=operator(by), now=now(db))
        click.echo(f"{one.exam} {one.year}: {state(one, now(db))}.")


@series.command("close")
@click.argument("exam")
@click.argument("year", type=int)
@click.option("--over", is_flag=True, help="The series is over: nobody is deployed in it any more.")
@by_option
@with_appcontext
def close(exam: str, year: int, over: bool, by: str) -> None:
    """Let nobody apply in a series any more."""
    with changing() as db:
        one = verbs.named(db, exam, year)
        (verbs.end if over else verbs.close)(db, one, by=operator(by), now=now(db))
        click.echo(f"{one.exam} {one.year}: {state(one, now(db))}.")


@series.command("rules")
@click.argument("exam")
@click.argument("year", type=int)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@by_option
@with_appcontext
def rules(exam: str, year: int, file: Path | None, by: str) -> None:
    """Show the rules of a series, or give it those of a JSON FILE."""
    with changing() as db:
        one = verbs.named(db, exam, year)
        if file is not None:
            book = rule_book.read_text(file.read_bytes())
            rule_book.keep(db, one, book, by=operator(by), now=now(db))
        click.echo(json.dumps(msgspec.to_builtins(rule_book.of(db, one)), indent=2))
        if not one.rules:
            click.echo("Not its own: those of an earlier year, or of the positions alone.", err=True)


@series.command("rate")
@click.argument("exam")
@click.argument("year", type=int)
@click.argument("position", type=click.Choice(POSITIONS), required=False)
@click.argument("ksh", type=int, required=False)
@click.option("--region", type=click.Choice(rates.REGIONS), default=rates.ALL)
@click.option("--days", type=int, help="The most days that are paid.")
@by_option
@with_appcontext
def rate(
    exam: str, year: int, position: str | None, ksh: int | None, region: str, days: int | None, by: str
) -> None:
    """Set what POSITION is paid a day (KSH), or show the rates of a series."""
    with changing() as db:
        one = verbs.named(db, exam, year)
        if position is not None and ksh is not None:
            rates.keep(db, exam, year, position, region, ksh, days, by=operator(by), now=now(db))
        for each in POSITIONS:
            for where in (rates.CITIES, rates.OTHER):
                found = rates.of(db, one, each, where)
                said = f"Ksh {found.ksh_per_day} a day ({found.exam} {found.year})" if found else "not set"
                click.echo(f"{each}  {where}  {said}")


def state(one: Series, moment: datetime) -> str:
    """Whether one may apply in a series."""
    if one.closed_at is not None:
        return "over"
    if one.apply_from is None or one.apply_until is None:
        return never_open(one, moment.astimezone(NAIROBI).date())
    if moment < one.apply_from:
        return f"opens on {one.apply_from.astimezone(NAIROBI):%Y-%m-%d}"
    last = one.apply_until.astimezone(NAIROBI)
    return f"{'open until' if moment < one.apply_until else 'closed since'} {last:%Y-%m-%d %H:%M}"


def never_open(one: Series, today: date) -> str:
    """How a series stands whose applications were never opened: its days may have come all the same."""
    if today > one.ends:
        return "past, was never open"
    return "under way, was never open" if today >= calendars.begins(one) else "not open yet"


def midnight(day: date) -> datetime:
    """The first moment of a day in Nairobi."""
    return datetime.combine(day, time(), NAIROBI)


def friday_before(day: date) -> date:
    """The last Friday before a day."""
    return day - timedelta(days=(day.weekday() - 4) % 7 or 7)


def rehearsal_before(db: Session, day: date) -> date:
    """When the rehearsal is: the Friday before the first day, or earlier where that is a holiday."""
    friday = friday_before(day)
    free = {each.day for each in holidays.listed(db, friday - timedelta(days=7), friday)}
    return next(early for n in range(8) if (early := friday - timedelta(days=n)) not in free)


def free_days(one: Series) -> str:
    """The public holidays on which a series rests, as its rules and the list have them."""
    free = [f"{day:%a %Y-%m-%d}" for day in sorted(calendars.free(one))]
    return (
        f"No exam on public holidays: {', '.join(free)}." if free else "No public holiday is among its days."
    )

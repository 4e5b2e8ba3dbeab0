"""`flask --app wsgi pay …`: the pay schedule of a series. The council pays by it; CP2 moves no money."""

import os
import tempfile
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from models.payrolls import PaySchedule
from operations import payroll_export, payrolls
from operations import series as verbs
from operations.imports_days import Days
from operations.office import now
from operations.payroll_claims import REFUSED
from operations.refusals import Refusal
from ussd_app.cli.desk import changing, operator
from ussd_app.cli.imports import options, read_in

by_whom = click.option("--by", required=True, help="Whose act this is: two people make a schedule.")


@click.group("pay")
def pay() -> None:
    """Prepare, look at, close and export pay schedules. The council pays; CP2 moves no money."""


@pay.command("prepare")
@click.argument("exam")
@click.argument("year", type=int)
@by_whom
@with_appcontext
def prepare(exam: str, year: int, by: str) -> None:
    """Compute every line of EXAM in YEAR into a new draft; an older draft is discarded."""
    with changing() as db:
        series = verbs.named(db, exam, year)
        schedule = payrolls.prepare(db, series.id, by=operator(by), now=now(db), told=progress)
        tell(db, schedule, f"{series.exam} {series.year}")
    click.echo("Somebody else looks at it and closes it: pay export … --draft, pay close … --digest …")


@pay.command("days")
@click.argument("exam")
@click.argument("year", type=int)
@options
@with_appcontext
def days(exam: str, year: int, **given: Any) -> None:
    """Days worked in posts that no daily register covers: drivers, clerks, examiners.

    Each row names the deployment (DP-…), or the centre and national_id, then days and document, the number of
    the paper that says so. A row that stands already changes nothing; a later file corrects an earlier one.
    """
    read_in(Days(exam, year), **given)


@pay.command("lines")
@click.argument("exam")
@click.argument("year", type=int)
@click.option("--refused", type=click.Choice(REFUSED), help="Only lines refused for this reason.")
@click.option("--most", type=click.IntRange(1, 10_000), default=50, help="So many lines.")
@with_appcontext
def lines(exam: str, year: int, refused: str | None, most: int) -> None:
    """What the schedule of EXAM in YEAR comes to, and its lines by deployment; no names or numbers."""
    with changing() as db:
        schedule = found(db, exam, year)
        tell(db, schedule, f"{exam.upper()} {year}")
        for line, reference in payrolls.lines(db, schedule.id, refused=refused, most=most):
            sums = f"{line.days} days x Ksh {line.ksh_per_day} = Ksh {line.ksh}"
            said = f"refused: {line.refused} ({line.days} days)" if line.refused else sums
            beside = f"; {line.days_elsewhere} more count on another line" if line.days_elsewhere else ""
            click.echo(f"{reference}  {said}{beside}")


@pay.command("close")
@click.argument("exam")
@click.argument("year", type=int)
@click.option("--digest", "seen", required=True, help="How the digest begins that you saw: 8 signs or more.")
@by_whom
@with_appcontext
def close(exam: str, year: int, seen: str, by: str) -> None:
    """Close the draft of EXAM in YEAR that somebody else prepared; it is computed once more before.

    Look at it first: `pay export … --draft` and `pay lines` both say the digest of what they show.
    """
    with changing() as db:
        schedule = found(db, exam, year)
        payrolls.close(db, schedule.id, seen=seen, by=operator(by), now=now(db), told=progress)
        tell(db, schedule, f"{exam.upper()} {year}")


@pay.command("discard")
@click.argument("exam")
@click.argument("year", type=int)
@by_whom
@with_appcontext
def discard(exam: str, year: int, by: str) -> None:
    """Discard the draft of EXAM in YEAR."""
    with changing() as db:
        schedule = payrolls.discard(db, found(db, exam, year).id, by=operator(by), now=now(db))
        click.echo(f"Pay schedule {schedule.id} is {schedule.state}.")


@pay.command("export")
@click.argument("exam")
@click.argument("year", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "kind", type=click.Choice(sorted(payroll_export.WRITERS)), required=True)
@click.option("--draft", is_flag=True, help="Also a draft; nobody pays by one.")
@by_whom
@with_appcontext
def export(exam: str, year: int, file: Path, kind: str, draft: bool, by: str) -> None:
    """Write the closed schedule of EXAM in YEAR to FILE, which only you can read."""
    made, name = tempfile.mkstemp(dir=file.absolute().parent, prefix=".pay-")
    os.close(made)
    beside = Path(name)
    try:
        count = written(exam, year, kind, beside, draft=draft, by=by)
        beside.replace(file)  # whole, and in the audit trail by now
    finally:
        beside.unlink(missing_ok=True)
    click.echo(f"{count} lines in {file}. It holds national IDs and phones: keep it safe.")


def written(exam: str, year: int, kind: str, path: Path, *, draft: bool, by: str) -> int:
    """Write the schedule to this file; answers the number of its lines."""
    with changing() as db:
        schedule = found(db, exam, year)
        if schedule.state != "closed" and not draft:
            raise click.ClickException("That schedule is a draft, and nobody pays by one: see --draft.")
        return payroll_export.export(db, schedule, kind, path, by=operator(by))


def found(db: Session, exam: str, year: int) -> PaySchedule:
    """The schedule of this series that counts; refused where there is none."""
    schedule = payrolls.latest(db, verbs.named(db, exam, year).id)
    if schedule is None:
        raise Refusal("pay.unknown")
    return schedule


def progress(count: int) -> None:
    """How many lines there are so far, on a terminal that is watched."""
    click.echo(f"{count} lines", err=True)


def tell(db: Session, schedule: PaySchedule, exam: str) -> None:
    """A schedule in a few lines."""
    sums = payrolls.summary(db, schedule.id)
    click.echo(f"{exam}: {schedule.state}, prepared by {schedule.prepared_by.removeprefix('staff:')}")
    click.echo(
        f"{sums.paid} lines to pay, Ksh {sums.ksh:,}. Digest {schedule.digest[: payroll_export.SHOWN]}"
    )
    for reason, count in sums.refused.items():
        click.echo(f"{count} refused: {reason}")

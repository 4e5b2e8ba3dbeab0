"""`flask --app wsgi import …`: an office's files into the tables, row by row, however long they are."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from models.registers import REGISTERS
from operations.imports import AlreadyRead, Progress, run, unused
from operations.imports_contacts import Contacts
from operations.imports_files import BadFile, FaultsFile, look_through
from operations.imports_kinds import Kind
from operations.imports_people import People
from operations.imports_places import Centres, Schools
from operations.imports_registers import Register
from ussd_app.cli.desk import by_option, changing, operator

# So many faults are said on the screen; all of them stand in the file.
MOST_SHOWN = 20
SAY_EACH = 5000


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every import takes."""
    for option in (
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        by_option,
        click.option("--dry-run", is_flag=True, help="Say what is wrong with the file, change nothing."),
        click.option("--again", is_flag=True, help="Read in a file from its start that was read before."),
        click.option(
            "--faults",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Where the rows that are left out go (beside it: tsc.faults.csv for tsc.csv).",
        ),
    ):
        command = option(command)
    return command


@click.group("import")
def imports() -> None:
    """Read in a file: CSV in UTF-8, its first line the names of the columns.

    Rows with a fault are left out and listed; correct them and import the list. Stopped in the middle, the
    same command goes on where it was.
    """


@imports.command("registers")
@options
@click.option("--register", type=click.Choice(REGISTERS), required=True, help="Whose list it is.")
@with_appcontext
def registers(register: str, **given: Any) -> None:
    """Who is registered (number, national_id, name, active, level), then everybody is checked again."""
    read_in(Register(register), **given)


@imports.command("centres")
@options
@click.option(
    "--series", type=(str, int), default=None, help="Of which series the candidates are: KCSE 2026."
)
@with_appcontext
def centres(series: tuple[str, int] | None, **given: Any) -> None:
    """Duty stations (code, name, county, sub_county; station, level, location, distance_km, candidates,
    distribution_code, host_code where they are known)."""
    read_in(Centres(*series) if series else Centres(), **given)


@imports.command("schools")
@options
@with_appcontext
def schools(**given: Any) -> None:
    """The Ministry's schools (moe_code, school_name, level, county, sub_county)."""
    read_in(Schools(), **given)


@imports.command("people")
@options
@with_appcontext
def people(**given: Any) -> None:
    """Nominated people (phone, national_id, full_name, kind, number, county, sub_county; workplace, subject,
    paper, language): an account for each, and an SMS that says so."""
    read_in(People(), **given)


@imports.command("contacts")
@options
@with_appcontext
def contacts(**given: Any) -> None:
    """Contacts of the council and the Sub-County Directors (kind, area, name, phone, email)."""
    read_in(Contacts(), **given)


def read_in(kind: Kind, *, file: Path, by: str, dry_run: bool, again: bool, faults: Path | None) -> None:
    """Read the file in and say how it went; exits 1 where a row was left out."""
    left_out = faults or file.with_suffix(".faults.csv")
    if left_out.resolve() == file.resolve():
        raise click.ClickException("The faults would overwrite the file itself: name another file.")
    try:
        source = look_through(file)
        if ignored := unused(source, kind):
            click.echo(f"Columns that nobody reads: {', '.join(ignored)}.")
        with closing(FaultsFile(left_out, source.header)) as file_of_faults:
            steps = run(
                changing,
                source,
                kind,
                file_of_faults,
                by=operator(by),
                dry_run=dry_run,
                again=again,
            )
            count = show(steps)
    except (AlreadyRead, BadFile) as fault:
        raise click.ClickException(str(fault)) from None
    except (OperationalError, OSError) as fault:
        what = str(fault) if isinstance(fault, OSError) else "The database went away"
        text = f"{what}. Start the same command again: it goes on where it stopped."
        raise click.ClickException(text) from None
    conclude(source.rows, count, dry_run=dry_run, left_out=left_out)


def show(steps: Iterator[Progress]) -> int:
    """Say how far it is, and the first faults; answers how many faults there were in all."""
    step = next(steps)
    began, first, said, shown = time.monotonic(), step.done, step.done, 0
    if first:
        click.echo(f"Going on: {far(step)}.")
    for step in steps:
        for fault in step.faults[: MOST_SHOWN - shown]:
            shown += 1
            click.echo(f"line {fault.line}: {fault.text}")
        if step.done - said >= SAY_EACH:
            said = step.done
            pace = (step.done - first) / max(0.001, time.monotonic() - began)
            click.echo(f"{far(step)}, {step.known:,} faults, {pace:,.0f} rows a second")
    return step.known


def far(step: Progress) -> str:
    """How far it is: 5,000 of 12,000 rows, and in which pass where there are several."""
    before = min(step.passes - 1, max(0, step.done - 1) // step.rows)
    said = f"{step.done - before * step.rows:,} of {step.rows:,} rows"
    return said if step.passes == 1 else f"pass {before + 1} of {step.passes}, {said}"


def conclude(rows: int, count: int, *, dry_run: bool, left_out: Path) -> None:
    """The last words of an import."""
    done = "are fine, nothing was changed" if dry_run else "read in"
    if not count:
        click.echo(f"{rows:,} rows {done}.")
        return
    kept = "Nothing was changed" if dry_run else "The other rows were kept"
    click.echo(f"{rows:,} rows, {count:,} faults: see {left_out}. {kept}.")
    raise SystemExit(1)

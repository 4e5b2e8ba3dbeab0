"""`flask --app wsgi advertise …`: vacancies, one by one or from a file."""

import csv
from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import with_appcontext

from models.series import ACTIVITIES, POSITIONS
from operations import adverts, series, vacancies
from operations.adverts import Fault
from operations.office import now
from operations.vacancies import Advert
from ussd_app.cli.desk import by_option, changing, operator, said


@click.group("advertise")
def advertise() -> None:
    """Vacancies: advertise one or a file of them, list them, close one."""


@advertise.command("add")
@click.argument("exam")
@click.argument("year", type=int)
@click.argument("centre")
@click.argument("position", type=click.Choice(POSITIONS))
@click.argument("places", type=int)
@click.option("--activity", type=click.Choice(ACTIVITIES), default=None, help="If not the position's own.")
@click.option("--subject", help="Examiners: what is marked.")
@click.option("--paper", help="Examiners: its paper.")
@by_option
@with_appcontext
def add(
    exam: str,
    year: int,
    centre: str,
    position: str,
    places: int,
    activity: str | None,
    subject: str | None,
    paper: str | None,
    by: str,
) -> None:
    """Advertise PLACES of POSITION at CENTRE; the same post again corrects how many there are."""
    advert = Advert(centre, position, places, activity or "", subject, paper)
    with changing() as db:
        found = series.named(db, exam, year)
        vacancy = vacancies.advertise(db, found, advert, by=operator(by), now=now(db))
        click.echo(f"{vacancy.code}: {places} {position} at {centre}, {vacancy.filled} taken.")


@advertise.command("file")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what is wrong with the file, change nothing.")
@by_option
@with_appcontext
def from_file(file: Path, dry_run: bool, by: str) -> None:
    """Advertise what a CSV file lists: exam, year, centre, position, places; activity, subject, paper."""
    with file.open(newline="", encoding="utf-8-sig") as rows:
        lines, faults = adverts.read(csv.DictReader(rows))
    with changing() as db:
        complain([*faults, *adverts.judge(db, lines)])
        if not dry_run:
            adverts.advertise(db, file.name, lines, by=operator(by), now=now(db))
    places = sum(line.advert.places for line in lines)
    click.echo(f"{len(lines)} vacancies with {places} places {'are fine' if dry_run else 'advertised'}.")


def complain(faults: Sequence[Fault]) -> None:
    """End the command with what is wrong, line by line."""
    if not faults:
        return
    told = [
        f"line {fault.number}: {said(fault.refusal) if fault.refusal else fault.text}"
        for fault in sorted(faults, key=lambda fault: fault.number)
    ]
    raise click.ClickException("\n".join(["Nothing was changed.", *told]))


@advertise.command("list")
@click.option("--exam", default="", help="For example KCSE.")
@click.option("--year", type=int)
@with_appcontext
def listed(exam: str, year: int | None) -> None:
    """What is advertised, with its code and how many places are taken."""
    with changing() as db:
        found = adverts.listed(db, exam, year)
    for code, name, in_year, position, centre, filled, capacity in found:
        click.echo(f"{code}  {name} {in_year}  {position}  {centre}  {filled} of {capacity} taken")
    click.echo(f"{len(found)} vacancies.")


@advertise.command("close")
@click.argument("codes", nargs=-1, required=True)
@by_option
@with_appcontext
def close(codes: tuple[str, ...], by: str) -> None:
    """Let nobody apply for the vacancies of these CODES any more."""
    with changing() as db:
        for code in codes:
            vacancy = vacancies.by_code(db, code)
            vacancies.close(db, vacancy, by=operator(by), now=now(db))
            click.echo(f"{vacancy.code} is closed; {vacancy.filled} of {vacancy.capacity} were taken.")
